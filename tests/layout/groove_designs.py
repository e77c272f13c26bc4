"""A small image sensor the tests of grooves build on: four pads on two sides, four balls on the back."""

from __future__ import annotations

from pathlib import Path

from chipscale.package.families.image_sensor_wlcsp import ImageSensorWlcsp
from chipscale.package.types import Package
from chipscale.spec.read import read_spec

SENSOR = """chipscale: 1
name: small_sensor
family: image_sensor_wlcsp
die:
  size_x_um: 2000
  size_y_um: 1600
  pads:
    per_side: {left: 2, right: 2, pitch_um: 300, edge_um: 70, nets: [a, b, c, d]}
    size_x_um: 80
sensor:
  area_um: [500, 400, 1500, 1200]
balls:
  rows: 2
  cols: 2
  pitch_um: 500
  sphere_d_um: 250
  nets: {A1: d, A2: a, B1: c, B2: b}
"""


def small_sensor(folder: Path, **changes: object) -> Package:
    """Return the package with keys of the file replaced (dotted names)."""
    path = folder / "sensor.yaml"
    path.write_text(SENSOR, encoding="utf-8")
    return ImageSensorWlcsp().build(read_spec(path, changes))
