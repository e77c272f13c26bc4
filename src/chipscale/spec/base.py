"""The base of every block of a package file: strict, frozen, unknown keys refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Micron = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
Film = Annotated[float, Field(gt=0, le=500, allow_inf_nan=False)]
FilmOrZero = Annotated[float, Field(ge=0, le=500, allow_inf_nan=False)]
MicronOrZero = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Coordinate = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Path = Annotated[str, Field(min_length=1, max_length=1000, description="path relative to the package file")]


class Block(BaseModel):
    """One block of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
