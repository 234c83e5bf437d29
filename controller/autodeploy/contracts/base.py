"""The base of all contracts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """A frozen value that crosses a boundary; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
