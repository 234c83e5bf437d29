"""Desired, observed and known → what is otherwise in AWS. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from autodeploy.contracts import Difference, Host, Resource
from autodeploy.provisioner.kinds import Desired, Found
from autodeploy.provisioner.observed import Observed
from autodeploy.provisioner.planner import UNASKED, lasting


def differences(
    wanted: Iterable[Desired],
    observed: Observed,
    known: Iterable[Resource],
    hosts: Iterable[Host],
) -> tuple[Difference, ...]:
    """What a plan would change, and what is not what the state says.

    Args:
        wanted: What should be, dependencies first.
        observed: What is.
        known: What the state says there is.
        hosts: The hosts as the state has them.
    """
    resources = tuple(wanted)
    ids, state = lasting(resources, observed), {one.key: one for one in known}
    moved = {one.name: why for one in hosts if (why := _moved(one, observed.alive.get(one.name)))}
    return (
        *(one for each in resources for one in _of(each, observed, ids, state, moved)),
        *_surplus(resources, observed),
        *_gone(resources, observed, state),
    )


def _of(
    one: Desired,
    observed: Observed,
    ids: Mapping[str, str],
    state: Mapping[str, Resource],
    moved: Mapping[str, str],
) -> Iterator[Difference]:
    found, known = observed.alive.get(one.key), state.get(one.key)
    if found is None:
        yield _missing(one.key, one.type, known)
        return
    reasons = [*_another(found, known), *_reasons(one, found, ids)]
    reasons += [moved[one.key]] if one.key in moved else []
    if reasons:
        yield Difference(
            what=one.key, kind="changed", reason=tuple(reasons), type=one.type, id=found.id
        )


def _reasons(one: Desired, found: Found, ids: Mapping[str, str]) -> list[str]:
    """How it differs, field by field as far as its kind tells."""
    whole = [one.conflict(found), one.outdated(found), one.drift(found)]
    return [
        *(reason for reason in whole if reason),
        *(step.reason for step in one.lacks(found, ids)),
    ]


def _another(found: Found, known: Resource | None) -> list[str]:
    if known is None:
        return ["the state does not have it"]
    if known.id != found.id:
        return [f"the state has {known.id} in its place"]
    return []


def _moved(host: Host, found: Found | None) -> str | None:
    """Where the host is now: stopped and started, it gets another address."""
    present = found and found.record.get("PublicIpAddress")
    if present in {None, host.address}:
        return None
    return f"its address is {present}, and the state has {host.address}"


def _missing(key: str, kind: str, known: Resource | None) -> Difference:
    reason = f"{known.id} does not exist" if known else "does not exist"
    return Difference(what=key, kind="missing", reason=(reason,), type=kind)


def _surplus(wanted: Iterable[Desired], observed: Observed) -> list[Difference]:
    keys = {one.key for one in wanted}
    return [
        Difference(what=key, kind="surplus", reason=(UNASKED,), type=one.type, id=one.id)
        for key, one in observed.alive.items()
        if key not in keys
    ]


def _gone(
    wanted: Iterable[Desired], observed: Observed, state: Mapping[str, Resource]
) -> list[Difference]:
    """What only the state still has."""
    there = {*(one.key for one in wanted), *observed.alive}
    return [_missing(key, one.type, one) for key, one in state.items() if key not in there]
