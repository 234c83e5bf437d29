"""What a rollback of a deployment would do, before there is one to roll back. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.conductor.forecast.work import HOST
from autodeploy.contracts import Action, ApplicationState, Plan, TechStack
from autodeploy.settings import Settings

DATABASE = "AWS::RDS::DBInstance"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
MOVED = frozenset({Action.CREATE, Action.REPLACE, Action.DELETE})


def undo(
    known: ApplicationState | None,
    stack: TechStack,
    settings: Settings,
    plan: Plan,
    *,
    is_nothing: bool,
) -> tuple[str, ...]:
    """What `rollback` would do, a sentence each.

    Args:
        known: The application; None where it was never deployed.
        stack: What is deployed.
        settings: All settings of that.
        plan: What is done to the infrastructure.
        is_nothing: Whether it is known that there is nothing to do.
    """
    if is_nothing:
        return ("nothing is changed, so there is nothing to undo",)
    if known is None or known.live is None or known.live.deployment is None:
        return tuple(_removal(settings, plan))
    return tuple(_return(known, known.live.deployment.release, stack, plan))


def _removal(settings: Settings, plan: Plan) -> Iterator[str]:
    if settings.target == "ssh":
        yield "the application is taken off the hosts, which stay"
        return
    if found := [one for one in plan.actions if one.action is not Action.CREATE]:
        yield f"refused where an earlier deployment has made {found[0].key}: `destroy` removes all"
    made = sum(one.action is not Action.DELETE for one in plan.actions)
    yield f"removes all {made} resources"
    if any(one.type == DATABASE for one in plan.actions):
        yield "a last snapshot of the database is kept"


def _return(known: ApplicationState, release: str, stack: TechStack, plan: Plan) -> Iterator[str]:
    moved = [one.key for one in plan.actions if one.action in MOVED and one.type == HOST]
    fronts = [one.key for one in plan.actions if one.action in MOVED and one.type == BALANCER]
    if moved or fronts:
        named = f" --ref {known.live.commit[:12]}" if known.live and known.live.commit else ""
        yield (
            f"refused, for {', '.join([*moved, *fronts])} will be another than with release "
            f"{release}: `autodeploy deploy REPOSITORY{named}` leads to that again"
        )
        return
    yield f"release {release} serves again"
    if changed := [one.key for one in plan.actions if one.action is not Action.NONE]:
        yield f"what is done to {', '.join(changed)} stays"
    if stack.release_command:
        yield f"what `{stack.release_command}` does to data stays"
