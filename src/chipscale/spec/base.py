"""The base of every block of a package file: strict, frozen, unknown keys refused."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def has_control(text: str) -> bool:
    """Return whether the text holds a control character or a line break."""
    return _CONTROL.search(text) is not None


def printable(text: str) -> str:
    """Return the text unchanged; refuse control characters and line breaks, which no drawing or mask can show."""
    if has_control(text):
        raise PydanticCustomError("control_character", "holds a control character")
    return text


Micron = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
DieSide = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]  # 100 mm: none is larger
Film = Annotated[float, Field(gt=0, le=500, allow_inf_nan=False)]
FilmOrZero = Annotated[float, Field(ge=0, le=500, allow_inf_nan=False)]
MicronOrZero = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Coordinate = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Line = Annotated[str, Field(max_length=1000), AfterValidator(printable)]  # may be empty
Path = Annotated[str, Field(min_length=1, max_length=1000, description="path relative to the package file")]


class Block(BaseModel):
    """One block of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
