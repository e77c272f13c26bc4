"""The Package: pads, balls, nets, rules and materials of one design, already valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

NetKind = Literal["signal", "power", "ground"]


@dataclass(frozen=True, slots=True)
class Pad:
    """A bond pad of the die: centre and metal size in µm of the die view (origin at the die's lower left)."""

    name: str
    x_um: float
    y_um: float
    size_x_um: float
    size_y_um: float
    net: str | None
    side: str = ""


@dataclass(frozen=True, slots=True)
class Ball:
    """A ball: its name on the board's drawing, its centre in µm of the die view, its site and its net."""

    name: str
    x_um: float
    y_um: float
    net: str | None
    row: int  # 0-based, counted from the A1 corner
    col: int
    doc_name: str = ""  # net name on the board side where it differs


@dataclass(frozen=True, slots=True)
class NetClass:
    """How wires of a class are drawn."""

    name: str
    kind: NetKind
    width_um: float
    space_um: float


@dataclass(frozen=True, slots=True)
class Net:
    """An electrical node: the pads and balls (by name) that must be one piece of metal."""

    name: str
    net_class: str
    kind: NetKind
    pads: tuple[str, ...]
    balls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Die:
    """The bare die: outline in µm, final silicon thickness, seal ring and scribe."""

    size_x_um: float
    size_y_um: float
    thickness_um: float
    seal_ring_width_um: float
    seal_ring_inset_um: float  # die edge to the ring's outer edge


@dataclass(frozen=True, slots=True)
class Keepout:
    """A polygon of the die no redistribution metal may enter."""

    name: str
    points_um: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Design rules as data: by rule name its value (µm; `_ratio`: a fraction), meaning and source; the set's source."""

    name: str
    title: str
    source: str
    values: dict[str, float]
    meanings: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)  # "assumed" where nobody gave the value
    rounded_um: dict[str, float] = field(default_factory=dict)  # the source rounded the value by up to this


@dataclass(frozen=True, slots=True)
class Terminal:
    """The metal stack at balls and pads: diameters and sizes in µm, as drawn."""

    sphere_d_um: float  # solder sphere before reflow
    ball_d_um: float  # joint's widest diameter after reflow on the UBM
    ball_h_um: float  # standoff: height of the reflowed ball above the UBM
    ubm_d_um: float
    pi2_d_um: float  # opening of the second dielectric
    land_d_um: float  # redistribution metal under the UBM
    pad_capture_um: float  # redistribution metal over a bond pad (square side); 0: pad size
    pi1_size_um: float  # opening of the first dielectric over a pad (square side)


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """Film thicknesses in µm of the nominal stack, bottom to top, and the material of each."""

    pad_metal_um: float
    passivation_um: float
    pi1_um: float
    rdl_um: float
    pi2_um: float
    ubm_um: float
    backside_um: float
    materials: dict[str, str]  # layer -> material name in the library


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value nobody gave: what was taken and why; shown in the report."""

    what: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class AssignmentPlan:
    """How balls get their nets: fixed (as given), partial (the rest is found), free (all found)."""

    mode: Literal["fixed", "partial", "free"] = "fixed"
    supply_pattern: Literal["spread", "center", "checkerboard"] = "spread"
    supply_balls: dict[str, int] | None = None  # balls per supply net; None: as given, or a share of the spare ones
    keep: tuple[str, ...] = ()  # balls left unconnected
    given: tuple[tuple[str, str], ...] = ()  # (ball, net) before nets were found, kept to compare with


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step of a flow as data: kind of step, label in the flow, recipe (option -> value)."""

    step: str
    label: str = ""
    recipe: dict[str, float | int | str | bool] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return the label, or the kind of step where there is none."""
        return self.label or self.step


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One edit of a flow: what is done to the step labelled `target`; `new` is the step put in, if any."""

    kind: Literal["change", "remove", "replace", "insert_before", "insert_after"]
    target: str
    recipe: dict[str, float | int | str | bool] = field(default_factory=dict)
    new: FlowStep | None = None


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A step as a flow's file says it: its recipe may hold expressions ("=1.5*layers.rdl_um").

    `when` are the conditions under which a package gets it, `thinning` tells that it moves with the thinning,
    `line` is where the file says it.
    """

    step: FlowStep
    when: tuple[str, ...] = ()
    thinning: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class FlowText:
    """A flow as its file says it, for any package that meets the conditions in `suits` (condition -> what it means).

    `thin_before` is the label of the step that the thinning comes before when wafers are thinned before bumping.
    """

    name: str
    title: str
    lines: tuple[FlowLine, ...]
    suits: dict[str, str] = field(default_factory=dict)
    thin_before: str = ""
    about: str = ""
    source: str = ""
    file: str = ""  # of a flow of the user's own, as the package file names it


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """Which flow makes the package: a flow's name, when it is thinned, and the file's edits in order.

    `own` is the flow itself where the package file names a file of the user's own. With `files` a package differs when
    the content of a file differs that a step reads.
    """

    base: str = "thin_film"
    thinning: Literal["after_bumping", "before_bumping"] = "after_bumping"
    changes: tuple[FlowChange, ...] = ()
    own: FlowText | None = None
    files: dict[str, str] = field(default_factory=dict)  # that recipes name -> sha256 of what they hold


@dataclass(frozen=True, slots=True)
class WaferFacts:
    """The wafer a package is made on, as far as processing it depends on it."""

    diameter_mm: float = 300.0
    street_x_um: float = 80.0
    street_y_um: float = 80.0
    edge_exclusion_mm: float = 3.0


@dataclass(frozen=True, slots=True)
class Grooves:
    """What a package with its wiring on the back is built with: cover, grooves from the back, insulation, mask.

    All in µm. Widths of grooves count from the die's edge inwards, at the silicon's back face (`first`) and at the
    device layer (`second`); the sides of the die that have them are in `sides`.
    """

    sides: tuple[str, ...]  # of left, right, bottom, top, in the ball-side view
    device_um: float  # the dielectric with the die's wiring, pads in it at the silicon
    wall_um: float  # height of the cavity wall
    wall_width_um: float  # of the cavity wall, from the die's edge inwards
    glass_um: float
    first_width_um: float
    first_wall_deg: float  # between the groove's floor and its wall
    insulation_um: float
    second: bool  # False: the older method, the device layer stays whole and wires reach the pads by openings
    second_width_um: float
    second_depth_um: float  # below the device layer's lower face, into wall or glass
    second_wall_deg: float
    contact_d_um: float  # opening over a pad in the insulation, where there is no second groove
    mask_um: float  # solder mask over the wiring
    mask_fill: Literal["full", "hollow"]  # the groove under the mask is filled, or bridged
    sensing: tuple[float, float, float, float]  # x0, y0, x1, y1 of the sensing area in the ball-side view
    materials: dict[str, str] = field(default_factory=dict)  # glass, wall, insulation, mask, device


@dataclass(frozen=True, slots=True)
class Package:
    """One design after its family resolved the spec: everything layout, stack and physics may ask for."""

    name: str
    title: str
    family: str
    die: Die
    pads: tuple[Pad, ...]
    balls: tuple[Ball, ...]
    nets: tuple[Net, ...]
    classes: tuple[NetClass, ...]
    rules: RuleSet
    terminal: Terminal
    layers: LayerPlan
    pitch_x_um: float
    pitch_y_um: float
    min_ball_distance_um: float
    rdl_layers: int = 1
    angles: Literal["any", "octilinear"] = "any"
    spread: bool = True
    seed: int = 0
    keepouts: tuple[Keepout, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    attribution: tuple[str, ...] = ()
    package_size_um: tuple[float, float] = (0.0, 0.0)  # equals the die for a fan-in
    a1_corner: Literal["top_left", "top_right", "bottom_left", "bottom_right"] = "top_left"  # in the die view
    teardrops: bool = True  # widen wires where they meet lands and pad captures
    targets: dict[str, dict[str, float | str]] = field(default_factory=dict)
    assignment: AssignmentPlan = AssignmentPlan()
    flow: FlowPlan = FlowPlan()
    wafer: WaferFacts = WaferFacts()
    grooves: Grooves | None = None

    def net(self, name: str) -> Net:
        """Return the net called `name`; KeyError when there is none."""
        for net in self.nets:
            if net.name == name:
                return net
        raise KeyError(name)

    def class_of(self, net: Net) -> NetClass:
        """Return the class a net is drawn in."""
        return next(item for item in self.classes if item.name == net.net_class)
