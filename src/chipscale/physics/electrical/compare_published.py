"""Published parasitics of packages: what was found where, how far to trust it, and which rows can be compared."""

from __future__ import annotations

from typing import NamedTuple

_MICRON = "(repository simon9721/ibis_comparison)"
_LUCENT = "Lucent ORCA Series 2 data sheet, June 1999, Table 30 (columns re-assembled)"
_AMKOR = "Microchip PIC18F1xQ20 IBIS, rev 1.0 (assembler's data)"
_LEADED = "a leaded package: not one of the four compared"
_SCATTERING = "tells loss over frequency only, no resistance, inductance or capacitance"


class Published(NamedTuple):
    """A row: typical values (None: not given), what they are, the source; `left_out` says why it is not compared."""

    id: str
    item: str
    r_ohm: float | None
    l_nH: float | None
    c_pF: float | None
    kind: str
    source: str
    confidence: str
    left_out: str = ""


ROWS: tuple[Published, ...] = (
    Published(
        "P01",
        "WLP redistribution line, per mm (51 ohm)",
        None,
        0.286,
        0.110,
        "measured on wafer to 5 GHz",
        "KAIST, IEEE Trans. Adv. Packag. 25 (2002) 356-364, hdl.handle.net/10203/553 (abstract)",
        "high",
    ),
    Published(
        "P02",
        "FPBGA solder ball, 350 µm, at 800 µm (L: below 0.08)",
        0.010,
        0.08,
        0.40,
        "measured and fitted",
        "Lee et al., IEICE Trans. Electron. E87-C (2004) 1621-1627, hdl.handle.net/10203/23122 (abstract)",
        "high; R includes contacts",
    ),
    Published(
        "P03",
        "thin-film microstrip on 20 µm polyimide over silicon",
        None,
        None,
        None,
        "measured 1-50 GHz",
        "Wu and Weng, PIER C 13 (2010) 19-32",
        "high",
        _SCATTERING,
    ),
    Published(
        "P04",
        "CMOS to glass IPD flip-chip transition",
        None,
        None,
        None,
        "measured, de-embedded",
        "Huang and Lo, IMPACT conference (search.isc.ac 3565933)",
        "medium",
        _SCATTERING,
    ),
    Published(
        "P05",
        "electroplated Au bump, flip chip",
        None,
        None,
        None,
        "measured",
        "Flip-chip interconnects for frequencies up to W band, Electron. Lett. (abstract)",
        "medium",
        _SCATTERING,
    ),
    Published(
        "P06",
        "FBGA-78 (DDR4 x4): loop",
        0.530,
        1.900,
        0.550,
        "vendor's extraction",
        f"Micron z41c.ibs rev 2.3 {_MICRON}",
        "high",
    ),
    Published(
        "P07",
        "FBGA-78 (DDR5 x4): loop",
        0.634,
        1.858,
        0.435,
        "vendor's extraction",
        f"Micron y32a.ibs rev 2.2 {_MICRON}",
        "high",
    ),
    Published("P08", "PDIP-20", 0.033, 5.93, 1.12, "assembler's data", _AMKOR, "high", _LEADED),
    Published("P09", "SSOP-20", 0.014, 1.609, 0.302, "assembler's data", _AMKOR, "high", _LEADED),
    Published(
        "P10",
        "VQFN-20: terminal alone, no wire",
        0.0011,
        None,
        0.141,
        "assembler's data",
        _AMKOR,
        "low for L (0.0075 nH, likely in a wrong unit: left out)",
    ),
    Published("P11", "256-pin PBGA: bond wire, self", 0.220, 5.0, None, "vendor's table", _LUCENT, "medium"),
    Published("P12", "352-pin PBGA: bond wire, self", 0.220, 5.0, None, "vendor's table", _LUCENT, "medium"),
    Published(
        "P13", "432-pin EBGA with planes: bond wire, self", 0.500, 4.0, None, "vendor's table", _LUCENT, "medium"
    ),
    Published("P14", "100-pin TQFP", 0.150, 3.0, None, "vendor's table", _LUCENT, "medium", _LEADED),
    Published(
        "P15",
        "SSOP (DB), 24 pins",
        0.200,
        4.32,
        0.38,
        "vendor's IBIS",
        "TI 74CBT3383DB (russdill/pybis samples/cbt.ibs)",
        "high",
        _LEADED,
    ),
    Published(
        "P16",
        "bond wires ground-signal-ground, per mm",
        None,
        1.0,
        None,
        "field simulation",
        "Hirano, IEICE Trans. Electron. E105-C (2022) 692-695",
        "high",
    ),
    Published(
        "P17",
        "compensated bond-wire transition",
        None,
        None,
        None,
        "measured",
        "Li et al., IEEE MTT 61 (2013) 4345",
        "high",
        _SCATTERING,
    ),
    Published(
        "P18",
        "electromigration test of WLP balls",
        None,
        None,
        None,
        "test condition",
        "ECTC 2011, 10.1109/ectc.2011.5898592 (as cited elsewhere)",
        "medium",
        "current densities of a test, no parasitics",
    ),
    Published(
        "P19",
        "eWLB against laminate (LPDDR)",
        None,
        None,
        None,
        "measured, qualitative",
        "Y. Lee et al. (abstract)",
        "medium",
        "no number",
    ),
    Published(
        "P20",
        "tapered through-silicon via, liner",
        None,
        None,
        None,
        "simulation",
        "Wang et al., Microelectronics J. 45 (2014) 205-210",
        "high",
        "no such via in these packages",
    ),
    Published(
        "T01",
        "micro SMD, LLP, laminate CSP, BGA",
        None,
        None,
        None,
        "application note",
        "TI AN-1205 SNOA405A (2004)",
        "-",
        "its tables were not at hand",
    ),
    Published(
        "T02",
        "the same die in WCSP and SOT-23",
        None,
        None,
        None,
        "vendor's IBIS",
        "TI SCEM320, SCEM248, SCEM302; NXP P3B1602DP",
        "-",
        "its package blocks were not at hand",
    ),
)
