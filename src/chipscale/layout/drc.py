"""Design-rule check: every rule of the set measured on the masks with klayout, from the shapes alone.

The check knows nothing of the router or the package: it draws the masks, merges each layer and measures. Pieces
that touch are one; the least space holds between pieces, whatever their nets. Within one piece it holds for slits
(see drc_measure). A rule the set lacks is not checked and listed under `not_checked`, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from chipscale.layout.drc_check import NAME, TOLERANCE_UM, check_masks, joined
from chipscale.layout.drc_street import check_street
from chipscale.layout.masks import to_klayout
from chipscale.package.rules import load_rules
from chipscale.results import Progress, Result


@dataclass(frozen=True, slots=True)
class Drc:
    """Does the layout keep the design rules?

    `rules`: another rule set than the package's, by name or path of a .toml. With both streets given (µm), the
    space rules are checked across them too, on the die repeated 2 x 2.
    """

    rules: str = ""
    street_x_um: float | None = None
    street_y_um: float | None = None
    tolerance_um: float = TOLERANCE_UM

    name: ClassVar[str] = NAME
    reads: ClassVar[tuple[str, ...]] = ("package", "layout")
    metrics: ClassVar[Mapping[str, str]] = {
        "violations_count": "places that break a rule",
        "rules_checked_count": "rules measured",
        "rules_broken_count": "rules broken somewhere",
        "rules_not_checked_count": "known rules the set lacks or that found no shapes",
        "rdl_space_um": "least space between redistribution metal, where within four times the rule",
        "rdl_width_um": "least width of redistribution metal, where within four times the rule",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Check the masks of the view's layout."""
        rules = load_rules(self.rules) if self.rules else view["package"].rules
        masks = to_klayout(view["layout"])
        result = check_masks(masks, rules, tolerance_um=self.tolerance_um, progress=progress)
        if self.street_x_um is None or self.street_y_um is None:
            return result
        street = check_street(masks, rules, (self.street_x_um, self.street_y_um), self.tolerance_um)
        return joined(result, street)
