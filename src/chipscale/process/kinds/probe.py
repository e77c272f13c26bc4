"""The probe map: which dies of the wafer were found good before packaging."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chipscale.process.kinds.wafer_map_file import MapError, WaferMap, read_wafer_map
from chipscale.process.masks import Masks
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work

_ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class ProbeMap:
    """Take in the map of the wafer probe: known-good dies, and the yield they make. Without a map all dies count."""

    name: ClassVar[str] = "probe_map"
    title: ClassVar[str] = "Probe map"
    tool: ClassVar[str] = "wafer prober"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "coat", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("probe mark through the pad", "pad", "too many touch-downs, too much overdrive"),
        Defect("good die called bad", "die", "dirty needles, bad contact"),
    )

    map: str = option("", "file with the map: CSV with x, y, bin, or SEMI G85 XML; empty: none")
    good_bins: str = option("", "bins that count as good, by commas; default: as the file says, in CSV bin 1")
    test_s: float = option(0.5, "time per touch-down", 0, 3600, _ASSUMED)
    sites_count: float = option(1.0, "dies tested at once", 1, 1024, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with what the map says noted; StepError, with file and line, when it can't be read."""
        if not self.map:
            return work.noted("no probe map: every die counts as good")
        try:
            found = read_wafer_map(Path(self.map))
        except MapError as error:
            remedy = "CSV with x, y, bin, or SEMI G85 XML"
            raise StepError(f"the probe map can't be used: {error}", remedy=remedy, option="map") from None
        good = self._good(found)
        tally = found.tally()
        passed = sum(count for name, count in tally.items() if name in good)
        told = [
            f"{self.map}: {tally.get(name, 0)} dies in bin {name}, the file says {count}"
            for name, count in found.counts.items()
            if tally.get(name, 0) != count
        ]
        dies = len(found.bins)
        if not passed:
            told.append(
                f"{self.map}: no die of the {dies} is good (bins that count as good: {', '.join(sorted(good))})"
            )
        columns, rows = ({place[axis] for place in found.bins} for axis in (0, 1))
        return work.noted(
            *told,
            probed_count=float(dies),
            good_count=float(passed),
            probe_yield_pct=100.0 * passed / dies,
            probed_columns_count=float(max(columns) - min(columns) + 1),
            probed_rows_count=float(max(rows) - min(rows) + 1),
        )

    def time_s(self, batch: Batch) -> float:
        """Return the time to probe every die of the wafer in s."""
        return self.test_s * batch.dies_count / self.sites_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: probing changes no size."""
        return ()

    def _good(self, found: WaferMap) -> frozenset[str]:
        """Return the bins that count as good; StepError for one that occurs nowhere."""
        asked = frozenset(name.strip() for name in self.good_bins.split(",") if name.strip())
        known = set(found.tally()) | set(found.counts)
        if not asked:
            if not found.passing and "1" not in known:
                raise StepError(
                    "the map does not say which bins are good",
                    limit=f"bins of the map: {', '.join(sorted(known))}",
                    remedy="name them",
                    option="good_bins",
                )
            return found.passing or frozenset({"1"})
        for name in sorted(asked - known):
            raise StepError(
                f"no die has bin {name}",
                value=self.good_bins,
                limit=f"bins of the map: {', '.join(sorted(known))}",
                option="good_bins",
            )
        return asked
