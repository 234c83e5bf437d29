"""What a rollback of a deployment would do, before there is one to roll back. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.conductor.forecast.intended import Intended
from autodeploy.contracts import SECRETS, Action, Plan, PlannedAction
from autodeploy.provisioner.kinds import Database, Instance, LoadBalancer
from autodeploy.settings import Settings

MOVED = frozenset({Action.CREATE, Action.REPLACE, Action.DELETE})


def undo(intended: Intended) -> tuple[str, ...]:
    """What `rollback` would do, a sentence each."""
    if intended.is_nothing:
        return ("nothing is changed, so there is nothing to undo",)
    if running := intended.running:
        return tuple(_return(intended, running.release))
    return tuple(_removal(intended.settings, intended.plan))


def _removal(settings: Settings, plan: Plan) -> Iterator[str]:
    if settings.target == "ssh":
        yield "the application is taken off the hosts, which stay"
        return
    ours = [one for one in plan.actions if one.key != SECRETS or one.action is Action.CREATE]
    if found := [one for one in ours if one.action is not Action.CREATE]:
        yield f"refused where an earlier deployment has made {found[0].key}: `destroy` removes all"
    made = sum(one.action is not Action.DELETE for one in ours)
    yield f"removes all {made} resources"
    if any(one.type == Database.type for one in plan.actions):
        yield "a last snapshot of the database is kept"


def _return(intended: Intended, release: str) -> Iterator[str]:
    live = intended.known.live if intended.known else None
    plan, stack = intended.plan, intended.stack
    moved = [one.key for one in plan.actions if one.action in MOVED and one.type == Instance.type]
    fronts = [
        one.key for one in plan.actions if one.action in MOVED and one.type == LoadBalancer.type
    ]
    if moved or fronts:
        named = f" --ref {live.commit[:12]}" if live and live.commit else ""
        yield (
            f"refused, for {', '.join([*moved, *fronts])} will be another than with release "
            f"{release}: `autodeploy deploy REPOSITORY{named}` leads to that again"
        )
        return
    yield f"release {release} serves again"
    if changed := [one.key for one in plan.actions if _stays(one)]:
        yield f"what is done to {', '.join(changed)} stays"
    if stack.release_command:
        yield f"what `{stack.release_command}` does to data stays"


def _stays(one: PlannedAction) -> bool:
    """Whether what is done to it is not undone; each release has its own version of secrets."""
    return one.action is not Action.NONE and one.key != SECRETS
