"""Which resist for a wanted thickness: every one that reaches it, with coats, speed and time, and one coat less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import Package
from chipscale.process.flows import flow_of
from chipscale.process.kinds.coating import ApplyCoat, SoftBake
from chipscale.process.kinds.litho import Develop, Expose
from chipscale.process.kinds.plating import Plate
from chipscale.process.models.resists import Resist, list_resists, remedy_for, resist
from chipscale.process.step import Batch
from chipscale.results import Check, Progress, Result

MARGIN_RATIO = 1.25  # resist over metal
MARGIN_WHY = (
    "plated metal varies by +/- 15 % within a wafer and +/- 5 % within a die (tlmicorp.com), resist by +/- 4.5 % "
    "(acemap.info 316904499): together 24.5 % at worst, so the metal stays below the resist's top"
)
NONE = "no plated metal in this flow: nothing to advise (thickness_um: ask for a thickness)"
METRICS: dict[str, str] = {
    "thickness_um": "resist wanted over the highest place; absent: the flow plates nothing and none was asked for",
    "metal_um": "thickest plated metal of the package, which asks for it; 0: the thickness was given, or none",
    "resists_count": "resists of the table that reach it",
    "coats_count": "coats of the best one",
    "coat_um": "thickness of each of its coats",
    "speed_rpm": "speed of the spin for that",
    "time_s": "coat, bake, expose and develop one wafer, with the rest a thick film needs before light",
    "reserve_um": "what it could be thicker",
    "one_coat_less_s": "time of the best way with one coat less, less that of the advised one; absent: there is none",
    "one_coat_more_s": "time the advised resist takes longer with one more coat; absent: it can't",
    "fastest_s": "time of the fastest way, whatever its coats; where the house's resist is given, with that",
    "fastest_saves_s": "time the fastest way saves against the advised one; absent: the advised one is the fastest",
}
_SEEN_S = 1.0  # a way that saves less is not worth a word


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a thickness: resist, coats, what each coat is, how long a wafer takes."""

    resist: str
    coats_count: int
    coat_um: float
    speed_rpm: float
    time_s: float
    reserve_um: float


@dataclass(frozen=True, slots=True)
class ResistAdvisor:
    """Pick a thick resist: fewest coats, then least time, then most reserve; say what one coat less would change.

    A faster way with more coats is offered beside it. `thickness_um` 0: 1.25 times the thickest plated metal of the
    package, at least what the table's thinnest coat has. `resist`: what the house has; the advice is then for it, and
    the others stand beside it. A flow that plates nothing asks for no resist: the answer says so and advises none.
    InputError for a thickness asked for that no resist (the house's) reaches.
    """

    name: ClassVar[str] = "process.resist"
    reads: ClassVar[tuple[str, ...]] = ("package",)
    metrics: ClassVar[Mapping[str, str]] = METRICS

    thickness_um: float = 0.0
    resist: str = ""

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer for the package in `view`."""
        package: Package = view["package"]
        metal, layer = thickest_metal(package)
        house = _house(self.resist)
        if metal <= 0.0 and self.thickness_um == 0.0:
            return Result("process.resist", {"metal_um": 0.0}, tables={"wanted": [{"thickness_um": 0.0, "why": NONE}]})
        wanted = self._wanted_um(metal, house)
        batch = _batch(package)
        rows = ways(wanted, batch)
        best = next((way for way in rows if house is None or way.resist == house.name), None)
        warnings = _warnings(wanted, house, best)
        metrics = {"thickness_um": wanted, "resists_count": float(len(rows))}
        metrics["metal_um"] = 0.0 if self.thickness_um > 0.0 else metal
        tables: dict[str, list[dict[str, Any]]] = {"resists": [_row(way) for way in rows]}
        if self.thickness_um <= 0.0:
            why = f"{MARGIN_RATIO:g} x {metal:g} µm of {layer}: {MARGIN_WHY}"
            tables["wanted"] = [{"thickness_um": wanted, "why": why}]
        if best is not None:
            metrics |= {
                "coats_count": float(best.coats_count),
                "coat_um": best.coat_um,
                "speed_rpm": best.speed_rpm,
                "time_s": best.time_s,
                "reserve_um": best.reserve_um,
            }
            tables["advice"] = [_row(best)]
            tables["one_coat_less"], less = one_coat_less(best, wanted, batch)
            fast = fastest(best, wanted, batch, house)
            metrics |= less | {"fastest_s": fast.time_s}
            if fast is not best:
                metrics["fastest_saves_s"] = best.time_s - fast.time_s
                tables["faster"] = [_row(fast) | {"why": _against(fast, best)}]
        check = _check(wanted, best, _beside(best, metrics, tables))
        return Result(
            "process.resist", metrics, (check,), tables, warnings=warnings, state="ok" if best else "doubtful"
        )

    def _wanted_um(self, metal_um: float, house: Resist | None) -> float:
        """Return the thickness to reach; InputError for one that was asked for and can't be reached."""
        asked = self.thickness_um
        items = [house] if house is not None else _table()
        if asked == 0.0:
            return max(MARGIN_RATIO * metal_um, min(item.coat_min_um for item in items))
        if not asked >= 0.0:
            what, limit = "must be a thickness; 0: what the package's metal asks for", "0 or more"
            raise InputError([Problem("resist.range", what, key="thickness_um", value=f"{asked:g} µm", limit=limit)])
        if not any(item.coats_count(asked) for item in items):
            whose = house.name if house is not None else "every resist of the table"
            what = f"outside the range of {whose}"
            limit, remedy = "; ".join(item.range_words() for item in items), remedy_for(asked)
            raise InputError(
                [Problem("resist.range", what, key="thickness_um", value=f"{asked:g} µm", limit=limit, remedy=remedy)]
            )
        return asked


def thickest_metal(package: Package) -> tuple[float, str]:
    """Return the most metal in µm that the package's flow plates into one resist, and its layers.

    Platings in a row, as copper, nickel and solder, stand one upon the other until the resist is stripped. A flow that
    plates nothing gives 0.
    """
    found = [(0.0, "")]
    height, layers = 0.0, ""
    for step in flow_of(package):
        if step.step == "plate":
            height += float(step.recipe.get("thickness_um", Plate().thickness_um))
            layer = str(step.recipe.get("layer", Plate().layer))
            layers = layer if layers in ("", layer) else f"{layers} + {layer}"
        elif step.step == "strip":
            height, layers = 0.0, ""
        found.append((height, layers))
    return max(found, key=lambda item: item[0])


def ways(thickness_um: float, batch: Batch) -> list[Way]:
    """Return the ways to a thickness, one for each resist that reaches it, the best first."""
    found = []
    for item in _table():
        coats = item.coats_count(thickness_um)
        if coats:
            found.append(_way(item, thickness_um, coats, batch))
    return sorted(found, key=lambda way: (way.coats_count, round(way.time_s, 6), -way.reserve_um, way.resist))


def _way(item: Resist, thickness_um: float, coats: int, batch: Batch) -> Way:
    """Return a resist's way with so many coats; its time is that of the steps themselves."""
    each = thickness_um / coats
    steps = (
        ApplyCoat(material=item.name, thickness_um=thickness_um, coats_count=coats, between_s=item.bake_time_s(each)),
        SoftBake(bake_s=item.bake_time_s(each)),
        Expose(dose_mJ_cm2=item.dose_at(thickness_um), wavelength_nm=item.dose_nm),
        Develop(develop_s=item.develop_time_s(thickness_um)),
    )
    time = sum(step.time_s(batch) for step in steps) + item.rehydrate_s
    reserve = min(item.total_max_um, coats * item.coat_max_um) - thickness_um
    return Way(item.name, coats, each, item.law.speed_rpm(each), time, reserve)


def one_coat_less(best: Way, thickness_um: float, batch: Batch) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Return what becomes of every resist with one coat less than advised (one more where it is one), and metrics.

    A row says the resist, the coats, the speed, the time against the advised way, or why it can't be done.
    """
    less = best.coats_count - 1
    rows, metrics = [], {}
    own = resist(best.resist)
    assert own is not None
    if less >= 1:
        done = []
        for item in _table():
            why = _refusal(item, thickness_um, less)
            if why:
                rows.append({"resist": item.name, "coats_count": less, "possible": False, "why": why})
                continue
            way = _way(item, thickness_um, less, batch)
            done.append(way)
            rows.append(_row(way) | {"possible": True, "why": _against(way, best)})
        if done:
            metrics["one_coat_less_s"] = min(way.time_s for way in done) - best.time_s
    else:
        why = "the advised way has one coat: none less is possible"
        rows.append({"resist": best.resist, "coats_count": 0, "possible": False, "why": why})
    if not _refusal(own, thickness_um, best.coats_count + 1):
        more = _way(own, thickness_um, best.coats_count + 1, batch)
        metrics["one_coat_more_s"] = more.time_s - best.time_s
        rows.append(_row(more) | {"possible": True, "why": _against(more, best)})
    return rows, metrics


def fastest(best: Way, thickness_um: float, batch: Batch, house: Resist | None = None) -> Way:
    """Return the way that takes least time, whatever its coats: of the house's resist, or of all; `best` where none is
    faster."""
    items = [house] if house is not None else _table()
    found = [
        _way(item, thickness_um, coats, batch)
        for item in items
        for coats in range(1, int(item.coats_max_count) + 1)
        if not _refusal(item, thickness_um, coats)
    ]
    quick = min(found, key=lambda way: (round(way.time_s, 6), way.coats_count, way.resist), default=best)
    return quick if quick.time_s < best.time_s - _SEEN_S else best


def _refusal(item: Resist, thickness_um: float, coats: int) -> str:
    """Return why a resist can't reach a thickness in so many coats; empty when it can."""
    each = thickness_um / coats
    if thickness_um > item.total_max_um + 1e-9 or coats > item.coats_max_count:
        return (
            f"reaches {item.total_max_um:g} µm, {item.coats_max_count} coats at most ({item.sources['total_max_um']})"
        )
    if each > item.coat_max_um + 1e-9:
        speed = item.law.speed_rpm(each)
        source = item.sources["coat_max_um"]
        return f"{each:.3g} µm a coat would need {speed:.0f} rpm; one coat holds {item.coat_max_um:g} µm ({source})"
    if each < item.coat_min_um - 1e-9:
        speed = item.law.speed_rpm(each)
        return f"{each:.3g} µm a coat would need {speed:.0f} rpm; one coat is at least {item.coat_min_um:g} µm"
    return ""


def _against(way: Way, best: Way) -> str:
    longer = way.time_s - best.time_s
    word = "longer" if longer > 0 else "less"
    return f"{way.resist} at {way.speed_rpm:.0f} rpm: {abs(longer):.0f} s {word} for a wafer than the advised way"


def _row(way: Way) -> dict[str, Any]:
    item = resist(way.resist)
    assert item is not None
    names = ("spin_rpm_um", "bake_s", "dose_mJ_cm2", "develop_s", "coat_max_um", "total_max_um")
    guessed = [name for name in names if item.assumed(name)]
    return {
        "resist": way.resist,
        "coats_count": way.coats_count,
        "coat_um": round(way.coat_um, 3),
        "speed_rpm": round(way.speed_rpm),
        "time_s": round(way.time_s),
        "reserve_um": round(way.reserve_um, 3),
        "assumed": ", ".join(guessed),
    }


def _house(name: str) -> Resist | None:
    """Return the resist the house has; InputError with the nearest names when the table lacks it."""
    if not name:
        return None
    found = resist(name)
    if found is None or found not in _table():
        remedy = did_you_mean(name, [item.name for item in _table()])
        what = "no such resist in the table"
        raise InputError([Problem("resist.unknown", what, key="resist", value=name, remedy=remedy)])
    return found


def _table() -> list[Resist]:
    items = [resist(name) for name in list_resists()]
    return [item for item in items if item is not None and item.kind == "resist"]


def _warnings(wanted_um: float, house: Resist | None, best: Way | None) -> tuple[str, ...]:
    if best is None:
        return (f"{wanted_um:.3g} µm is outside the range of {house.name if house else 'every resist'}: {_limits()}",)
    item = resist(best.resist)
    if item is None or not item.assumed("spin_rpm_um"):
        return ()
    return (f"speed of {best.resist}: {item.sources['spin_rpm_um']}; spin a test wafer",)


def _limits() -> str:
    return "; ".join(f"{item.name} {item.coat_min_um:g} to {item.total_max_um:g} µm" for item in _table())


def _coats(count: int) -> str:
    return "one coat" if count == 1 else f"{count} coats"


def _beside(best: Way | None, metrics: Mapping[str, float], tables: Mapping[str, list[dict[str, Any]]]) -> str:
    """Return what a faster way would save and what one coat less would do, in a few words."""
    if best is None:
        return ""
    said = ""
    for row in tables.get("faster", []):
        saved = metrics["fastest_saves_s"] / 60.0
        said += f"; faster: {row['resist']} in {_coats(row['coats_count'])} saves {saved:.0f} min a wafer"
    if best.coats_count > 1:
        less = metrics.get("one_coat_less_s")
        if less is None:
            said += "; one coat less: not possible"
        else:
            said += (
                f"; one coat less: {abs(less) / 60.0:.0f} min {'longer' if less > 0 else 'less'} with another resist"
            )
    return said


def _check(wanted_um: float, best: Way | None, beside: str) -> Check:
    if best is None:
        said = f"no resist of the table gives {wanted_um:.3g} µm"
        return Check("resist.reach", "thickness_um", round(wanted_um, 3), _limits(), False, said)
    coats = _coats(best.coats_count)
    minutes = best.time_s / 60.0
    said = f"{best.resist}, {coats} of {best.coat_um:.3g} µm at {best.speed_rpm:.0f} rpm, {minutes:.0f} min a wafer"
    said += beside
    return Check("resist.reach", "thickness_um", round(wanted_um, 3), round(wanted_um + best.reserve_um, 3), True, said)


def _batch(package: Package) -> Batch:
    wafer, die = package.wafer, package.die
    return Batch(
        wafer.diameter_mm,
        1,
        len(package.balls),
        die.size_x_um,
        die.size_y_um,
        wafer.street_x_um,
        wafer.street_y_um,
    )
