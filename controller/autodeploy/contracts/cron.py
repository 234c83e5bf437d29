"""A command of the application's that runs at given times."""

from __future__ import annotations

from pydantic import Field, field_validator

from autodeploy.contracts.base import Contract
from autodeploy.contracts.schedule import calendar


class CronJob(Contract):
    """One job.

    Attributes:
        schedule: When, in UTC: five fields of cron's, `@daily` and its like, or systemd's
            OnCalendar.
        command: What runs, on the first host alone, as the application's processes do.
    """

    schedule: str
    command: str = Field(min_length=1)

    @field_validator("schedule")
    @classmethod
    def _schedule(cls, value: str) -> str:
        calendar(value)
        return value

    @field_validator("command")
    @classmethod
    def _command(cls, value: str) -> str:
        if not value.strip() or any(one == "\0" or "\ud800" <= one <= "\udfff" for one in value):
            raise ValueError("is no command that a shell can have")
        return value

    @property
    def calendar(self) -> tuple[str, ...]:
        """The schedule as OnCalendar has it; of several any is enough."""
        return calendar(self.schedule)
