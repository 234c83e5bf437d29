"""Whether a plan that was approved still is what would be done. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator

from autodeploy.contracts import Plan, PlannedAction
from autodeploy.errors import PlanOutdated
from autodeploy.provisioner.observed import Observed
from autodeploy.provisioner.surroundings import Surroundings


def basis(observed: Observed, around: Surroundings) -> str:
    """The digest of what a plan was made from, as far as its actions do not say it.

    Of what exists that is its identity: all else that matters is in some action's reason.
    """
    made_from = [observed.ids, dataclasses.asdict(around)]
    text = json.dumps(made_from, sort_keys=True, default=sorted)
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_outdated(approved: Plan, now: Plan) -> None:
    """Refuse to carry out another plan than the one that was approved.

    Raises:
        PlanOutdated: They differ; its cause tells each resource's action then and now.
    """
    changes = list(_changes(approved, now))
    if not changes and approved.basis == now.basis:
        return
    around = "the same actions, but what is around them is another: other networks, or another key"
    raise PlanOutdated(
        "what exists is no longer what the plan was made from; nothing was changed",
        cause="\n".join(changes) or around,
        step="plan",
    )


def _changes(approved: Plan, now: Plan) -> Iterator[str]:
    then = {one.key: one for one in approved.actions}
    today = {one.key: one for one in now.actions}
    for key in dict.fromkeys([*then, *today]):
        before, after = then.get(key), today.get(key)
        if _told(before) != _told(after):
            yield f"{key}: {_told(before)} then, {_told(after)} now"
        elif before and after:
            yield from _differing(before, after)


def _differing(before: PlannedAction, after: PlannedAction) -> Iterator[str]:
    """In which properties the same is done otherwise."""
    for name in dict.fromkeys([*before.properties, *after.properties]):
        one, other = before.properties.get(name), after.properties.get(name)
        if one != other:
            yield f"{before.key}: {name} {one} then, {other} now"


def _told(planned: PlannedAction | None) -> str:
    if planned is None:
        return "not in the plan"
    named = f"{planned.action} {planned.id}" if planned.id else planned.action
    return f"{named} ({planned.reason})"
