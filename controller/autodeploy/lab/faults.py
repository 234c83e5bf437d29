"""Faults that are asked for: what goes wrong with which call, and how often."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from autodeploy.contracts import Contract

FaultKind = Literal[
    "throttling",
    "internal-error",
    "unavailable",
    "expired-credentials",
    "access-denied",
    "no-capacity",
    "unsupported",
    "quota",
    "connection-reset",
    "dropped-response",
]
KINDS: tuple[str, ...] = get_args(FaultKind)


class Fault(Contract):
    """What goes wrong. Without `nth` and `probability` it does each time.

    Attributes:
        action: A call as IAM names it, `*` and `?` allowed: `ec2:RunInstances`, `rds:*`.
        kind: What happens. `connection-reset` is before the call is carried out,
            `dropped-response` after it.
        when: Parameters that a call must have, such as `InstanceType`; `AvailabilityZone` is also
            that of a `SubnetId`.
        nth: Only the call with this number of those that match, from 1.
        probability: Each call that matches fails with it.
        seed: What makes the calls that fail the same ones each time.
        times: At most so often; None means no limit.
    """

    action: str = Field(pattern=r"^[\w*?-]+:[\w*?]+$")
    kind: FaultKind
    when: dict[str, str] = Field(default_factory=dict)
    nth: int | None = Field(default=None, ge=1)
    probability: float | None = Field(default=None, ge=0, le=1)
    seed: int = 0
    times: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_choice(self) -> Fault:
        if self.nth is not None and self.probability is not None:
            raise ValueError("nth and probability exclude each other")
        return self
