"""A target's health in ELB's words, out of what HAProxy says."""

from __future__ import annotations

from collections.abc import Mapping

from autodeploy.contracts import Contract


class TargetHealth(Contract):
    """One target's state and why it is in it, as DescribeTargetHealth tells them."""

    state: str
    reason: str | None = None
    description: str | None = None


REGISTERING = TargetHealth(
    state="initial",
    reason="Elb.RegistrationInProgress",
    description="Target registration is in progress",
)
CHECKING = TargetHealth(
    state="initial",
    reason="Elb.InitialHealthChecking",
    description="Initial health checks in progress",
)
HEALTHY = TargetHealth(state="healthy")
DRAINING = TargetHealth(
    state="draining",
    reason="Target.DeregistrationInProgress",
    description="Target deregistration is in progress",
)
NOT_REGISTERED = TargetHealth(
    state="unused",
    reason="Target.NotRegistered",
    description="Target is not registered to the target group",
)
NOT_IN_USE = TargetHealth(
    state="unused",
    reason="Target.NotInUse",
    description="Target group is not configured to receive traffic from the load balancer",
)
OTHER_ZONE = TargetHealth(
    state="unused",
    reason="Target.NotInUse",
    description="Target is in an Availability Zone that is not enabled for the load balancer",
)
STOPPED = TargetHealth(
    state="unused",
    reason="Target.InvalidState",
    description="Target is in the stopped state",
)
TIMEOUTS = {"L4TOUT", "L6TOUT", "L7TOUT"}


def up(row: Mapping[str, str]) -> bool:
    """Whether a target gets requests."""
    return row["status"].startswith("UP")


def failing(row: Mapping[str, str]) -> bool:
    """Whether a target's checks have begun and it gets no requests."""
    return not up(row) and _check(row) not in {"", "INI", "UNK"}


def of(row: Mapping[str, str] | None, tried: bool) -> TargetHealth:
    """A registered target's health.

    Args:
        row: HAProxy's statistics of it; None where it does not have it yet.
        tried: Whether its first checks have decided.
    """
    if row is None:
        return REGISTERING
    if up(row):
        return HEALTHY
    return _unhealthy(row) if tried else CHECKING


def _unhealthy(row: Mapping[str, str]) -> TargetHealth:
    check = _check(row)
    reason, description = "Target.FailedHealthChecks", "Health checks failed"
    if check == "L7STS":
        reason = "Target.ResponseCodeMismatch"
        description = f"Health checks failed with these codes: [{row.get('check_code', '')}]"
    elif check in TIMEOUTS:
        reason, description = "Target.Timeout", "Request timed out"
    return TargetHealth(state="unhealthy", reason=reason, description=description)


def _check(row: Mapping[str, str]) -> str:
    """The last check's result; HAProxy marks that the next one is running with a star."""
    return row.get("check_status", "").removeprefix("* ")
