"""The frame of a STEP file: entities and their numbers, parts, styles, the assembly that places them.

Entity names and their order of attributes: ISO 10303-214 (automotive design), exchange form ISO 10303-21.
"""

from __future__ import annotations

import numpy as np

from chipscale.stack.types import Points

_UNCERTAINTY_MM = 1e-7


def quoted(text: str) -> str:
    """Return a STEP string: quotes and backslashes doubled, letters beyond ASCII as \\X2\\ hex \\X0\\."""
    out = []
    for letter in text:
        if letter in "'\\":
            out.append(letter * 2)
        elif " " <= letter <= "~":
            out.append(letter)
        else:
            code = letter.encode("utf-16-be").hex().upper()
            out.append(f"\\X2\\{code}\\X0\\")
    return "'" + "".join(out) + "'"


class StepFile:
    """A file in the making. `add` writes an entity and returns its number; lengths are mm."""

    def __init__(self, name: str) -> None:
        self._lines: list[str] = []
        self._name = name
        self._directions: dict[tuple[float, float, float], int] = {}
        self._styles: dict[object, int] = {}
        self._styled: list[int] = []
        self._products: list[int] = []
        self._frames: list[int] = []
        self._later: list[tuple[int, str, int]] = []
        self._representation: dict[int, int] = {}
        application = self.add("APPLICATION_CONTEXT('core data for automotive mechanical design processes')")
        self.add(f"APPLICATION_PROTOCOL_DEFINITION('international standard','automotive_design',2000,#{application})")
        self._product_context = self.add(f"PRODUCT_CONTEXT('',#{application},'mechanical')")
        self._definition_context = self.add(f"PRODUCT_DEFINITION_CONTEXT('part definition',#{application},'design')")
        self._context = self._units()
        self._origin = self.frame((0.0, 0.0, 0.0))

    def add(self, entity: str) -> int:
        """Write one entity and return its number."""
        self._lines.append(entity)
        return len(self._lines)

    def add_all(self, entities: list[str]) -> int:
        """Write entities one behind the other and return the number the first of them has."""
        first = len(self._lines) + 1
        self._lines += entities
        return first

    def point(self, x: float, y: float, z: float) -> int:
        """Return a CARTESIAN_POINT."""
        return self.add(f"CARTESIAN_POINT('',({x:.7f},{y:.7f},{z:.7f}))")

    def direction(self, x: float, y: float, z: float) -> int:
        """Return a DIRECTION, written once."""
        key = (round(x, 13) + 0.0, round(y, 13) + 0.0, round(z, 13) + 0.0)
        if key not in self._directions:
            self._directions[key] = self.add("DIRECTION('',({:.13f},{:.13f},{:.13f}))".format(*key))
        return self._directions[key]

    def frame(
        self,
        at: tuple[float, float, float],
        axis: tuple[float, float, float] = (0.0, 0.0, 1.0),
        ref: tuple[float, float, float] = (1.0, 0.0, 0.0),
    ) -> int:
        """Return an AXIS2_PLACEMENT_3D with its axis (z) and reference direction (x)."""
        return self.add(f"AXIS2_PLACEMENT_3D('',#{self.point(*at)},#{self.direction(*axis)},#{self.direction(*ref)})")

    def vertex(self, x: float, y: float, z: float) -> tuple[int, int]:
        """Return (VERTEX_POINT, its CARTESIAN_POINT)."""
        point = self.point(x, y, z)
        return self.add(f"VERTEX_POINT('',#{point})"), point

    def line(self, start: tuple[int, int], end: tuple[int, int], direction: int) -> int:
        """Return a straight EDGE_CURVE between two vertices along a DIRECTION."""
        vector = self.add(f"VECTOR('',#{direction},1.)")
        line = self.add(f"LINE('',#{start[1]},#{vector})")
        return self.add(f"EDGE_CURVE('',#{start[0]},#{end[0]},#{line},.T.)")

    def face(self, surface: int, loops: list[list[tuple[int, bool]]], same_sense: bool = True) -> int:
        """Return an ADVANCED_FACE; loops are lists of (edge, forward), counter-clockwise about the normal."""
        bounds = []
        for place, loop in enumerate(loops):
            edges = ",".join(f"#{self._oriented(edge, forward)}" for edge, forward in loop)
            ring = self.add(f"EDGE_LOOP('',({edges}))")
            kind = "FACE_BOUND" if place else "FACE_OUTER_BOUND"
            bounds.append(self.add(f"{kind}('',#{ring},.T.)"))
        listed = ",".join(f"#{bound}" for bound in bounds)
        return self.add(f"ADVANCED_FACE('',({listed}),#{surface},.{'T' if same_sense else 'F'}.)")

    def solid(self, faces: list[int]) -> int:
        """Return a MANIFOLD_SOLID_BREP closed by the faces."""
        shell = self.add(f"CLOSED_SHELL('',({','.join(f'#{face}' for face in faces)}))")
        return self.add(f"MANIFOLD_SOLID_BREP('',#{shell})")

    def style(self, solid: int, rgb: tuple[float, float, float], transparency: float) -> None:
        """Colour a solid."""
        key = (rgb, transparency)
        if key not in self._styles:
            color = self.add("COLOUR_RGB('',{:.4f},{:.4f},{:.4f})".format(*rgb))
            fill = self.add(f"FILL_AREA_STYLE_COLOUR('',#{color})")
            filled = self.add(f"FILL_AREA_STYLE('',(#{fill}))")
            styles = f"#{self.add(f'SURFACE_STYLE_FILL_AREA(#{filled})')}"
            if transparency > 0:
                clear = self.add(f"SURFACE_STYLE_TRANSPARENT({transparency:.4f})")
                rendered = f"SURFACE_STYLE_RENDERING_WITH_PROPERTIES(.NORMAL_SHADING.,#{color},(#{clear}))"
                styles += f",#{self.add(rendered)}"
            side = self.add(f"SURFACE_SIDE_STYLE('',({styles}))")
            usage = self.add(f"SURFACE_STYLE_USAGE(.BOTH.,#{side})")
            self._styles[key] = self.add(f"PRESENTATION_STYLE_ASSIGNMENT((#{usage}))")
        self._styled.append(self.add(f"STYLED_ITEM('color',(#{self._styles[key]}),#{solid})"))

    def part(self, name: str, solids: list[int]) -> int:
        """Return the PRODUCT_DEFINITION of a part made of solids."""
        items = ",".join(f"#{item}" for item in (self._origin, *solids))
        shape = self.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION({quoted(name)},({items}),#{self._context})")
        return self._product(name, shape)

    def place(self, part: int, name: str, at_mm: Points) -> None:
        """Put a part into the assembly under a name of its own."""
        self._frames.append(self.frame((float(at_mm[0]) + 0.0, float(at_mm[1]) + 0.0, float(at_mm[2]) + 0.0)))
        self._later.append((part, name, self._frames[-1]))

    def text(self) -> str:
        """Return the file; call it once, at the end."""
        items = ",".join(f"#{item}" for item in (self._origin, *self._frames))
        whole = self.add(f"SHAPE_REPRESENTATION({quoted(self._name)},({items}),#{self._context})")
        assembly = self._product(self._name, whole)
        for number, (part, name, frame) in enumerate(self._later, start=1):
            use = f"NEXT_ASSEMBLY_USAGE_OCCURRENCE('{number}',{quoted(name)},'',#{assembly},#{part},$)"
            placed = self.add(f"PRODUCT_DEFINITION_SHAPE('Placement','',#{self.add(use)})")
            move = self.add(f"ITEM_DEFINED_TRANSFORMATION('','',#{self._origin},#{frame})")
            relation = self.add(
                f"( REPRESENTATION_RELATIONSHIP('','',#{self._representation[part]},#{whole}) "
                f"REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION(#{move}) SHAPE_REPRESENTATION_RELATIONSHIP() )"
            )
            self.add(f"CONTEXT_DEPENDENT_SHAPE_REPRESENTATION(#{relation},#{placed})")
        products = ",".join(f"#{item}" for item in self._products)
        self.add(f"PRODUCT_RELATED_PRODUCT_CATEGORY('part',$,({products}))")
        styled = ",".join(f"#{item}" for item in self._styled)
        self.add(f"MECHANICAL_DESIGN_GEOMETRIC_PRESENTATION_REPRESENTATION('',({styled}),#{self._context})")
        body = "\n".join(f"#{number}={entity};" for number, entity in enumerate(self._lines, start=1))
        return f"{_HEAD.format(name=quoted(self._name))}{body}\nENDSEC;\nEND-ISO-10303-21;\n"

    def _oriented(self, edge: int, forward: bool) -> int:
        return self.add(f"ORIENTED_EDGE('',*,*,#{edge},.{'T' if forward else 'F'}.)")

    def _product(self, name: str, shape: int) -> int:
        product = self.add(f"PRODUCT({quoted(name)},{quoted(name)},'',(#{self._product_context}))")
        formation = self.add(f"PRODUCT_DEFINITION_FORMATION('','',#{product})")
        definition = self.add(f"PRODUCT_DEFINITION('design','',#{formation},#{self._definition_context})")
        defined = self.add(f"PRODUCT_DEFINITION_SHAPE('','',#{definition})")
        self.add(f"SHAPE_DEFINITION_REPRESENTATION(#{defined},#{shape})")
        self._products.append(product)
        self._representation[definition] = shape
        return definition

    def _units(self) -> int:
        length = self.add("( LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.) )")
        angle = self.add("( NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.) )")
        solid = self.add("( NAMED_UNIT(*) SI_UNIT($,.STERADIAN.) SOLID_ANGLE_UNIT() )")
        value = f"LENGTH_MEASURE({_UNCERTAINTY_MM:.7f})"
        small = self.add(f"UNCERTAINTY_MEASURE_WITH_UNIT({value},#{length},'distance_accuracy_value','')")
        return self.add(
            f"( GEOMETRIC_REPRESENTATION_CONTEXT(3) GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT((#{small})) "
            f"GLOBAL_UNIT_ASSIGNED_CONTEXT((#{length},#{angle},#{solid})) REPRESENTATION_CONTEXT('','3D') )"
        )


def unit(vector: Points) -> tuple[float, float, float]:
    """Return a vector of three as a direction of length 1."""
    x, y, z = (np.asarray(vector, dtype=np.float64) / np.linalg.norm(vector)).tolist()
    return x, y, z


_HEAD = """ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('chip-scale package'),'2;1');
FILE_NAME({name},'1970-01-01T00:00:00',('chipscale'),(''),'chipscale','chipscale','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN {{ 1 0 10303 214 1 1 1 1 }}'));
ENDSEC;
DATA;
"""
