"""The process flow as a file may give it: which flow, and the edits made to its steps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chipscale.spec.base import Block, Line, Name

RecipeValue = Annotated[float | int | str | bool, Field(union_mode="smart")]


class StepBlock(Block):
    """A step of a flow as data: the plugin's name, the label it has in the flow, its recipe."""

    step: Name = Field(description="kind of step: `chipscale list steps`")
    label: Line = Field("", description="what this flow calls the step; default: the kind of step")
    recipe: dict[str, RecipeValue] = Field(default_factory=dict, description="option -> value")


class FlowEdit(Block):
    """One edit of the flow: exactly one of change, remove, replace, insert; steps are named by their label."""

    change: Line = Field("", description="label of the step whose recipe is changed")
    remove: Line = Field("", description="label of the step that is left out")
    replace: Line = Field("", description="label of the step that `step` takes the place of")
    insert: Literal["", "before", "after"] = Field("", description="where `step` goes: before or after `at`")
    at: Line = Field("", description="label of the step beside which `step` is inserted")
    step: StepBlock | None = Field(None, description="the new step of replace and insert")
    recipe: dict[str, RecipeValue] = Field(default_factory=dict, description="the options that change")

    @model_validator(mode="after")
    def _one_edit(self) -> FlowEdit:
        kinds = [kind for kind in ("change", "remove", "replace", "insert") if getattr(self, kind)]
        if len(kinds) != 1:
            raise PydanticCustomError("flow_edit", "needs exactly one of change, remove, replace, insert")
        kind = kinds[0]
        if (kind in ("replace", "insert")) != (self.step is not None):
            raise PydanticCustomError("flow_edit", "replace and insert need a step, the others take none")
        if (kind == "insert") != bool(self.at):
            raise PydanticCustomError(
                "flow_edit", "insert needs 'at', the label of its neighbour; the others take none"
            )
        if (kind == "change") != bool(self.recipe):
            raise PydanticCustomError("flow_edit", "change needs a recipe, the others take none")
        return self


class FlowBlock(Block):
    """The flow the package is made by."""

    base: Name | None = Field(
        None, description="flow by name (`chipscale list flows`), or path of a .toml of your own; default by family"
    )
    thinning: Literal["after_bumping", "before_bumping"] = Field(
        "after_bumping", description="when the wafer gets its final thickness"
    )
    edits: list[FlowEdit] = Field(default_factory=list, description="changes to the flow, in order")
