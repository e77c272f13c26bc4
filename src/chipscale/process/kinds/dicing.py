"""Dicing: the wafer becomes dies."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import shapely

from chipscale.process.fitting import class_of
from chipscale.process.masks import Masks
from chipscale.process.models.dicing_methods import (
    ASSUMED,
    METHODS,
    NOT_CRACKED,
    NOT_ETCHED,
    THROUGH,
    Usual,
    cutting_s,
    lines_count,
)
from chipscale.process.models.grind_damage import failing_ratio
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work
from chipscale.stack.types import Body, Slab
from chipscale.stack.volume import z_range_um

_USUALS = ("kerf_um", "front_chipping_um", "back_chipping_um", "feed_mm_s")


@dataclass(frozen=True, slots=True)
class Dice:
    """Part the dies along the streets. Nominally the cut stays in the street; `edge_loss_um` takes more off the die."""

    name: ClassVar[str] = "dice"
    title: ClassVar[str] = "Dice"
    tool: ClassVar[str] = "dicing saw"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "film", "resist", "coat", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"diced"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("corner crack", "die", "two cuts meet; worn blade, feed too high"),
        Defect("chipping into the seal ring", "die", "chips wider than the rest of the street"),
        Defect("delaminated edge", "die", "films that were never cut through before the silicon"),
        Defect("die lost from the tape", "die", "too little adhesion, water jet"),
    )

    method: str = option("blade", "how the dies are parted", choices=tuple(METHODS))
    street_um: float = option(80.0, "width of the street between die outlines", 1, 2000, f"50 to 120 µm {ASSUMED}")
    kerf_um: float | None = option(None, "width of the cut; default: the method's usual one", 0, 500)
    front_chipping_um: float | None = option(None, "chips at the front per side; default: the method's usual", 0, 200)
    back_chipping_um: float | None = option(None, "chips at the back per side; default: the method's usual", 0, 200)
    feed_mm_s: float | None = option(None, "feed along the street; default: the method's usual one", 0.1, 1000)
    placing_um: float = option(3.0, "cut beside the street's middle, +/- (3 sigma)", 0, 20, ASSUMED)
    spindles_count: float = option(2.0, "spindles or laser spots that cut at once", 1, 4)
    turnaround_s: float = option(0.5, "back, lift and index per street and spindle", 0, 10, ASSUMED)
    align_s: float = option(30.0, "time to align the wafer, expand or break it", 0, 600, ASSUMED)
    etch_um_min: float = option(15.0, "etch rate of silicon (plasma)", 5, 30, f"10 to 25 µm/min {ASSUMED}")
    edge_loss_um: float = option(0.0, "what the kerf takes off the die's outline on each side", 0, 200)
    assembly_stress_MPa: float = option(100.0, "stress a die meets in assembly", 0, 1000, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the die."""
        cut = _in_the_cut(work, masks)
        self._refuse_unetched(cut)
        kerf, front, back, feed = (self._through(name, cut) for name in _USUALS)
        self._refuse_narrow(kerf, front)
        told = self._told(cut, feed) + self._uncracked(cut)
        if kerf + 2 * (back + self.placing_um) > self.street_um:
            told.append(
                f"chips of {back:g} µm at the back reach under the dies: kerf and chips take "
                f"{kerf + 2 * (back + self.placing_um):g} of {self.street_um:g} µm"
            )
        work = self._weakened(work)
        depth = sum(cut.values())
        figures = {"kerf_um": kerf, "front_chipping_um": front, "back_chipping_um": back, "cut_um": depth}
        after = work.noted(*told, **figures, **({"feed_mm_s": feed} if feed > 0.0 else {}))
        if self.edge_loss_um == 0:
            return after
        e = self.edge_loss_um
        kept = shapely.box(e, e, masks.size_x_um - e, masks.size_y_um - e)
        return dataclasses.replace(after, bodies=tuple(body for one in after.bodies for body in _cut(one, kept, masks)))

    def time_s(self, batch: Batch) -> float:
        """Return the time in s to part all dies of the wafer.

        Cuts run over the full diameter, in as many passes as the thickness needs; plasma etches all streets at once.
        """
        if self.method == "plasma":
            return self.align_s + 60.0 * batch.wafer_um / self.etch_um_min
        passes = math.ceil(batch.told("cut_um", batch.wafer_um) / METHODS[self.method].pass_um - 1e-9)
        pitches = ((batch.die_x_um + batch.street_x_um) / 1000, (batch.die_y_um + batch.street_y_um) / 1000)
        feed = batch.told("feed_mm_s", self._usual("feed_mm_s"))
        cutting = cutting_s(batch.diameter_mm, *pitches, feed, spindles_count=self.spindles_count)
        lines = sum(lines_count(batch.diameter_mm, pitch) for pitch in pitches)
        return self.align_s + passes * (cutting + lines * self.turnaround_s / self.spindles_count)

    def spreads(self) -> tuple[Spread, ...]:
        """Return how far the cut lies beside the street's middle."""
        return (Spread("place_um", "DIE", {"wafer": self.placing_um / 3.0}, ASSUMED),)

    def _through(self, name: str, cut: dict[str, float]) -> float:
        """Return the option as given, or the usual value of the method, of the slowest or hardest layer in the cut."""
        value = self._usual(name)
        if getattr(self, name) is not None:
            return value
        usual: Usual = getattr(METHODS[self.method], name)
        for kind, thickness in cut.items():
            asks = THROUGH.get(kind)
            if asks is None or thickness <= asks.least_um:
                continue
            if name == "feed_mm_s":
                value = min(value, usual.value * asks.feed_ratio)
            elif self.method == "blade":
                value = max(value, getattr(asks, name))
        return value

    def _told(self, cut: dict[str, float], feed_mm_s: float) -> list[str]:
        """Return what to say where a given feed is faster than a layer in the cut bears."""
        usual = METHODS[self.method].feed_mm_s.value
        return [
            f"{thickness:.0f} µm of {kind} in the street: {feed_mm_s:g} mm/s is faster than the "
            f"{usual * THROUGH[kind].feed_ratio:g} mm/s it bears ({THROUGH[kind].source})"
            for kind, thickness in sorted(cut.items())
            if kind in THROUGH
            and thickness > THROUGH[kind].least_um
            and feed_mm_s > usual * THROUGH[kind].feed_ratio * (1 + 1e-9)
        ]

    def _refuse_unetched(self, cut: dict[str, float]) -> None:
        """Raise StepError where a plasma that etches silicon meets a layer it does not etch."""
        found = [kind for kind in NOT_ETCHED if cut.get(kind, 0.0) > 0.0]
        if self.method == "plasma" and found:
            raise StepError(
                f"a plasma that etches silicon stops at {found[0]}",
                value=f"{cut[found[0]]:g} µm of {found[0]} in the street",
                limit="silicon only",
                remedy="method: blade, or laser",
                option="method",
            )

    def _uncracked(self, cut: dict[str, float]) -> list[str]:
        """Return what to say of thick polymers a laser focused into silicon leaves whole; StepError for glass."""
        if self.method != "stealth":
            return []
        if cut.get("glass", 0.0) > 0.0:
            raise StepError(
                "a laser focused into silicon leaves glass in the street whole",
                value=f"{cut['glass']:g} µm of glass in the street",
                limit=f"none ({NOT_CRACKED['glass']})",
                remedy="method: blade, or laser",
                option="method",
            )
        thick = cut.get("polymer", 0.0)
        if thick <= THROUGH["polymer"].least_um:
            return []
        return [
            f"a laser focused into silicon leaves {thick:.0f} µm of polymer in the street ({NOT_CRACKED['polymer']})"
        ]

    def _usual(self, name: str) -> float:
        """Return the option, or the method's usual value for it; StepError outside the method's range."""
        usual: Usual = getattr(METHODS[self.method], name)
        given = getattr(self, name)
        if given is None:
            return usual.value
        if not usual.low <= given <= usual.high:
            raise StepError(
                f"outside the range of dicing by {self.method}",
                value=f"{given:g}",
                limit=f"{usual.low:g} to {usual.high:g} ({usual.source})",
                option=name,
            )
        return float(given)

    def _refuse_narrow(self, kerf_um: float, chipping_um: float) -> None:
        """Raise StepError when cut, chips and misplacing are wider than the street."""
        needed = kerf_um + 2 * (chipping_um + self.placing_um)
        if needed > self.street_um:
            raise StepError(
                "the cut and its chips are wider than the street",
                value=f"{needed:g} µm: kerf {kerf_um:g}, chips 2 x {chipping_um:g}, placing 2 x {self.placing_um:g}",
                limit=f"street {self.street_um:g} µm",
                remedy="a wider street, a thinner blade, or stealth or plasma dicing",
                option="street_um",
            )

    def _weakened(self, work: Work) -> Work:
        """Return the workpiece with the strength its dies have once they are cut, and how many would break."""
        silicon, method = work.silicon, METHODS[self.method]
        if silicon.strength_MPa <= 0:
            return work
        strength = silicon.strength_MPa * method.strength_ratio
        failing = failing_ratio(self.assembly_stress_MPa, strength, silicon.weibull_modulus_ratio)
        after = work.but(silicon=dataclasses.replace(silicon, strength_MPa=strength))
        return after.noted(strength_MPa=strength, breaking_ppm=1e6 * failing)


def _in_the_cut(work: Work, masks: Masks) -> dict[str, float]:
    """Return the thickness in µm of each class of material in the street: of all bodies that reach the die's edge."""
    found: dict[str, dict[tuple[float, float], None]] = {}
    edge = shapely.boundary(masks.die)
    for body in work.bodies:
        if isinstance(body, Slab) and shapely.length(shapely.intersection(shapely.boundary(body.bottom), edge)) > 1.0:
            z, h = round(body.z_um, 3), round(body.h_um, 3)
            found.setdefault(class_of(body.material) or body.material, {})[(z, h)] = None
    return {kind: _covered_um(list(spans)) for kind, spans in sorted(found.items())}


def _covered_um(spans: list[tuple[float, float]]) -> float:
    """Return how much of a height spans (z, h) cover, what two share counted once.

    >>> _covered_um([(0.0, 5.0), (3.0, 4.0)])
    7.0
    """
    total, top = 0.0, -math.inf
    for z, h in sorted(spans):
        total += max(0.0, z + h - max(z, top))
        top = max(top, z + h)
    return total


def _cut(body: Body, kept: Any, masks: Masks) -> tuple[Body, ...]:
    """Return the body as far as the cut leaves it; a conductor in the kerf is refused."""
    if not isinstance(body, Slab) or (shapely.covers(kept, body.bottom) and shapely.covers(kept, body.top)):
        return (body,)
    if body.net is not None:
        raise StepError(
            f"the kerf cuts into {body.name}", remedy="less edge_loss_um or a wider street", option="edge_loss_um"
        )
    if body.top is body.bottom:
        bottom = shapely.intersection(body.bottom, kept)
        return () if bottom.is_empty else (dataclasses.replace(body, bottom=bottom, top=bottom),)
    from chipscale.process.relief.carve import carve
    from chipscale.process.relief.front import Wall

    return tuple(carve((body,), Wall(shapely.difference(masks.die, kept)), z_range_um(body)[0], masks.die))
