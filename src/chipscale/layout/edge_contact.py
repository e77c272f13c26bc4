"""Where metal touches the cut edge of a bond pad: the contact the second groove makes, found from the shapes alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REACH_NM = 500  # either side of the groove's edge: metal and pad must lie on both


def cut_contacts(pads: Any, groove: Any, metal: Any) -> Any:
    """Return the places (a klayout Region, 1 µm across) where metal crosses the groove's edge over a pad it cuts.

    Pad and metal must lie on both sides of the edge: a pad that only begins there has no cut edge in the groove, and
    a pad wholly in the groove has none left. Elsewhere insulation is between metal and pad.
    """
    import klayout.db as db

    if groove.is_empty():
        return db.Region()
    both = (pads & metal).merged()
    beyond = (groove.sized(_REACH_NM) - groove) & both
    within = (groove - groove.sized(-_REACH_NM)) & both
    return (beyond + within).merged().interacting(beyond).interacting(within)


def with_contacts(regions: Mapping[str, Any]) -> dict[str, Any]:
    """Return mask regions by layer with the contacts of the second groove as one more, CUT, in its place."""
    found = {name: region for name, region in regions.items() if name != "GROOVE2"}
    found["CUT"] = cut_contacts(regions["PAD"], regions["GROOVE2"].merged(), regions["RDL"])
    return found
