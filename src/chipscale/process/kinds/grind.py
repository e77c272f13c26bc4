"""Thinning from the back: coarse grinding, fine grinding, polishing, each down to a thickness of silicon."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

from chipscale.materials.library import material
from chipscale.process.masks import Masks
from chipscale.process.models.grind_damage import (
    ASSUMED,
    bearable_MPa,
    bend_radius_mm,
    least_um,
    strength_MPa,
)
from chipscale.process.models.grind_time import removal_s
from chipscale.process.relief.front import Front
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Silicon, Work
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Slab
from chipscale.stack.volume import z_range_um

_VENDOR = "cerameric.com, wafer grinding (vendor note)"
_NEEDS = frozenset({"wafer"})
_NEVER = frozenset({"resist", "coat", "film", "backside", "grooved", "diced"})
_MAKES = frozenset({"thin"})
_SHARE = 0.01  # share of dies that break at the stress the notes speak of


@dataclass(frozen=True, slots=True)
class Removed:
    """What a thinning step was asked for and what it leaves: all but the thickness of the face it makes."""

    thickness_um: float
    damage_um: float
    ttv_um: float
    roughness_nm: float
    support: str
    weibull_modulus_ratio: float
    ground_MPa: float = 500.0
    polished_MPa: float = 1000.0


@dataclass(frozen=True, slots=True)
class CoarseGrind:
    """Grind the back fast with a coarse wheel (#320 to #360); a finer step must take the damage it leaves."""

    name: ClassVar[str] = "coarse_grind"
    title: ClassVar[str] = "Coarse grind"
    tool: ClassVar[str] = "grinder"
    needs: ClassVar[frozenset[str]] = _NEEDS
    never: ClassVar[frozenset[str]] = _NEVER
    makes: ClassVar[frozenset[str]] = _MAKES
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("wafer broken", "wafer", "grinding force, bow, a nick in the rim"),
        Defect("edge chipped", "die", "the rim turns sharp below half the thickness"),
    )

    thickness_um: float = option(290.0, "silicon that is left", 20, 1000)
    feed_um_s: float = option(5.0, "feed of the wheel", 2, 10, _VENDOR)
    spark_out_s: float = option(0.0, "time without feed at the end", 0, 120, ASSUMED)
    damage_um: float = option(20.0, "depth of the cracks it leaves", 10, 30, ASSUMED)
    ttv_um: float = option(3.0, "total thickness variation it leaves", 1, 10, _VENDOR)
    roughness_nm: float = option(200.0, "roughness Ra it leaves", 50, 1000, ASSUMED)
    wafer_to_wafer_um: float = option(2.0, "thickness from wafer to wafer, +/- (3 sigma)", 0, 20, ASSUMED)
    support: str = option("tape", "what holds the front", choices=("tape", "carrier"), source=ASSUMED)
    weibull_modulus_ratio: float = option(4.0, "Weibull modulus of the ground face", 2.5, 7, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with less silicon."""
        return _thinned(work, _asked(self))

    def time_s(self, batch: Batch) -> float:
        """Return what is removed over the feed, and the spark-out, in s."""
        return _feed_time_s(batch, self.thickness_um, self.feed_um_s, self.spark_out_s)

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the thickness varies."""
        return _spreads(self)


@dataclass(frozen=True, slots=True)
class FineGrind:
    """Grind the back with a fine wheel (#2000): it takes the coarse wheel's damage and leaves little of its own."""

    name: ClassVar[str] = "fine_grind"
    title: ClassVar[str] = "Fine grind"
    tool: ClassVar[str] = "grinder"
    needs: ClassVar[frozenset[str]] = _NEEDS
    never: ClassVar[frozenset[str]] = _NEVER
    makes: ClassVar[frozenset[str]] = _MAKES
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("wafer broken", "wafer", "damage left by the coarse wheel, bow"),
        Defect("wheel burn", "wafer", "loaded wheel, coolant"),
    )

    thickness_um: float = option(250.0, "silicon that is left", 20, 1000)
    feed_um_s: float = option(0.5, "feed of the wheel", 0.1, 0.5, _VENDOR)
    spark_out_s: float = option(20.0, "time without feed at the end", 0, 120, ASSUMED)
    damage_um: float = option(
        1.5, "depth of the cracks it leaves", 0.5, 3, "discousa.com: 1 to 2 µm of dry polish remove them"
    )
    ttv_um: float = option(1.5, "total thickness variation it leaves", 1, 3, _VENDOR)
    roughness_nm: float = option(20.0, "roughness Ra it leaves", 10, 200, _VENDOR)
    wafer_to_wafer_um: float = option(2.0, "thickness from wafer to wafer, +/- (3 sigma)", 0, 20, ASSUMED)
    support: str = option("tape", "what holds the front", choices=("tape", "carrier"), source=ASSUMED)
    weibull_modulus_ratio: float = option(4.0, "Weibull modulus of the ground face", 2.5, 7, ASSUMED)
    ground_MPa: float = option(500.0, "characteristic strength with damage 1.5 µm deep", 300, 800, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with less silicon."""
        return _thinned(work, _asked(self))

    def time_s(self, batch: Batch) -> float:
        """Return what is removed over the feed, and the spark-out, in s."""
        return _feed_time_s(batch, self.thickness_um, self.feed_um_s, self.spark_out_s)

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the thickness varies."""
        return _spreads(self)


@dataclass(frozen=True, slots=True)
class Polish:
    """Polish the back: stress relief. It must take at least the damage the wheel left."""

    name: ClassVar[str] = "polish"
    title: ClassVar[str] = "Polish"
    tool: ClassVar[str] = "polisher"
    needs: ClassVar[frozenset[str]] = _NEEDS
    never: ClassVar[frozenset[str]] = _NEVER
    makes: ClassVar[frozenset[str]] = _MAKES
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (Defect("scratch", "die", "a grain in the pad"),)

    thickness_um: float = option(248.0, "silicon that is left", 20, 1000)
    removal_um_min: float = option(1.0, "removal rate", 0.2, 5, ASSUMED)
    ttv_um: float = option(1.5, "total thickness variation it leaves", 0.5, 3, ASSUMED)
    roughness_nm: float = option(1.0, "roughness Ra it leaves", 0.1, 10, ASSUMED)
    wafer_to_wafer_um: float = option(2.0, "thickness from wafer to wafer, +/- (3 sigma)", 0, 20, ASSUMED)
    support: str = option("tape", "what holds the front", choices=("tape", "carrier"), source=ASSUMED)
    weibull_modulus_ratio: float = option(4.0, "Weibull modulus of the polished face", 2.5, 7, ASSUMED)
    polished_MPa: float = option(1000.0, "characteristic strength without damage", 800, 2000, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with less silicon and, where enough is taken, without damage."""
        return _thinned(work, _asked(self))

    def time_s(self, batch: Batch) -> float:
        """Return what is removed over the removal rate, in s."""
        return _feed_time_s(batch, self.thickness_um, self.removal_um_min / 60.0, 0.0)

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the thickness varies."""
        return _spreads(self)


def back_face(work: Work) -> tuple[float, bool]:
    """Return (thickness of the silicon in µm, True when its back lies above the active face).

    The active face is z = 0. StepError when there is no silicon.
    """
    dies = [z_range_um(body) for body in work.bodies if body.layer == "DIE"]
    if not dies:
        raise StepError("there is no silicon", remedy="begin with the incoming wafer")
    low, high = min(z for z, _ in dies), max(z for _, z in dies)
    return (high, True) if high > Z_EPS_UM else (-low, False)


def _asked(step: Any) -> Removed:
    """Return what a step asks for, in one form for all three."""
    named = {item.name for item in dataclasses.fields(Removed)}
    given = {item.name: getattr(step, item.name) for item in dataclasses.fields(step) if item.name in named}
    return Removed(**{"damage_um": 0.0, **given})


def _thinned(work: Work, asked: Removed) -> Work:
    """Return the workpiece thinned to what is asked, with the damage that is left and what it means."""
    now_um, above = back_face(work)
    _refuse_covered(work, now_um, above)
    if asked.thickness_um > now_um + Z_EPS_UM:
        raise StepError(
            "the wafer is thinner than that already",
            value=f"{asked.thickness_um:g} µm",
            limit=f"{now_um:g} µm",
            remedy="a thicker incoming wafer, or less thinning before",
            option="thickness_um",
        )
    removed_um = now_um - asked.thickness_um
    left_um = max(0.0, work.silicon.damage_um - removed_um)
    damage_um = max(left_um, asked.damage_um if removed_um > Z_EPS_UM else 0.0)
    _refuse_too_thin(work, asked, damage_um)
    strength = strength_MPa(damage_um, asked.ground_MPa, asked.polished_MPa)
    silicon = Silicon(
        diameter_mm=work.silicon.diameter_mm,
        damage_um=damage_um,
        ttv_um=asked.ttv_um,
        roughness_nm=asked.roughness_nm,
        strength_MPa=strength,
        weibull_modulus_ratio=asked.weibull_modulus_ratio,
    )
    told = () if left_um <= asked.damage_um + Z_EPS_UM else (_left_text(removed_um, left_um),)
    bearable = bearable_MPa(_SHARE, strength, asked.weibull_modulus_ratio)
    return (
        _cut(work, asked.thickness_um, above)
        .but(silicon=silicon)
        .noted(
            *told,
            removed_um=removed_um,
            damage_um=damage_um,
            ttv_um=asked.ttv_um,
            roughness_nm=asked.roughness_nm,
            strength_MPa=strength,
            one_in_100_breaks_MPa=bearable,
            one_in_100_breaks_radius_mm=bend_radius_mm(
                asked.thickness_um, bearable, material("Si").number("E_GPa", direction="<110>")
            ),
        )
    )


def _left_text(removed_um: float, left_um: float) -> str:
    return (
        f"removes {removed_um:g} µm and leaves {left_um:g} µm of the damage of the step before: "
        f"remove at least {removed_um + left_um:g} µm"
    )


def _refuse_covered(work: Work, now_um: float, above: bool) -> None:
    """Raise StepError when something lies on the back."""
    for body in work.bodies:
        low, high = z_range_um(body)
        on_back = high > now_um + Z_EPS_UM if above else low < -now_um - Z_EPS_UM
        if on_back and body.layer != "DIE":
            raise StepError(f"{body.name} lies on the back", remedy="thin the wafer first")


def _refuse_too_thin(work: Work, asked: Removed, damage_um: float) -> None:
    """Raise StepError when all that is left would be damaged, or thinner than this way of holding it allows."""
    if asked.thickness_um <= damage_um:
        raise StepError(
            "the wafer would be thinner than its damage layer",
            value=f"{asked.thickness_um:g} µm of silicon",
            limit=f"more than {damage_um:g} µm of damage",
            remedy="leave more silicon, or take the last of it with a finer step",
            option="thickness_um",
        )
    bumped = any(body.layer in ("BALL", "BUMP") for body in work.bodies)
    least, source = least_um(asked.support, bumped, work.silicon.diameter_mm)
    if asked.thickness_um < least - Z_EPS_UM:
        raise StepError(
            f"a wafer of {work.silicon.diameter_mm:g} mm{' with balls on it' if bumped else ''} can't be held so thin",
            value=f"{asked.thickness_um:g} µm",
            limit=f"{least:g} µm on {asked.support} ({source})",
            remedy="a carrier" if asked.support == "tape" else "leave more silicon",
            option="thickness_um",
        )


def _cut(work: Work, thickness_um: float, above: bool) -> Work:
    """Return the workpiece whose silicon ends thickness_um from the active face; a worked back drops with it."""
    bodies = []
    for body in work.bodies:
        if isinstance(body, Slab) and body.layer == "DIE":
            low = body.z_um if above else max(body.z_um, -thickness_um)
            high = min(body.z_um + body.h_um, thickness_um) if above else body.z_um + body.h_um
            body = dataclasses.replace(body, z_um=low, h_um=high - low)
        bodies.append(body)
    if not above:
        return work.but(bodies=tuple(bodies))
    return work.but(bodies=tuple(bodies), front=Front(((thickness_um, work.front.whole),)))


def _feed_time_s(batch: Batch, thickness_um: float, feed_um_s: float, spark_out_s: float) -> float:
    return removal_s(batch.wafer_um, thickness_um, feed_um_s, spark_out_s)


def _spreads(step: Any) -> tuple[Spread, ...]:
    """Return the thickness' spread: TTV is the full range over the wafer (6 sigma), wafers +/- 3 sigma."""
    by_level = {"wafer": step.wafer_to_wafer_um / 3.0, "die": step.ttv_um / 6.0}
    return (Spread("thickness_um", "DIE", by_level, f"TTV: {_VENDOR}; from wafer to wafer {ASSUMED}"),)
