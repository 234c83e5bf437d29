"""The application's own commands around a change of its release."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Hooks(BaseModel):
    """Commands that run once, on the first host, as the application's own processes do.

    Attributes:
        before_deploy: Once the new release's files are there, before anything of it is started;
            where it fails, nothing is.
        after_deploy: Once the new release serves on every host.
        before_rollback: As before_deploy, in the release that is gone back to.
        after_rollback: Once that serves again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    before_deploy: str | None = Field(default=None, min_length=1)
    after_deploy: str | None = Field(default=None, min_length=1)
    before_rollback: str | None = Field(default=None, min_length=1)
    after_rollback: str | None = Field(default=None, min_length=1)
