"""What a deployment takes, and what users notice of it, before it is carried out.

    work        what kind of work it is: runs of the same work take about as long
    durations   how long it takes, told by such runs
    downtime    what users miss meanwhile
    permissions what IAM must allow
    undo        what a rollback of it would do

All of it is pure but for the look at the runs that were.
"""

from __future__ import annotations

from autodeploy.conductor.forecast.downtime import downtime
from autodeploy.conductor.forecast.durations import History, timeline
from autodeploy.conductor.forecast.permissions import permissions
from autodeploy.conductor.forecast.undo import undo
from autodeploy.conductor.forecast.work import is_like, work
from autodeploy.contracts import ApplicationState, Forecast, Plan, TechStack
from autodeploy.journal import Store
from autodeploy.settings import Settings

__all__ = ["forecast"]

RUNS = 100
"""So many of the newest runs are asked where the application's own cannot tell."""


def forecast(
    store: Store,
    name: str,
    known: ApplicationState | None,
    stack: TechStack,
    settings: Settings,
    plan: Plan,
    *,
    is_nothing: bool = False,
) -> Forecast:
    """What carrying out a plan, and releasing after it, takes.

    Args:
        store: Where runs are kept that tell how long such work takes.
        name: The application's.
        known: It, as it is; None where it was never deployed.
        stack: What is deployed.
        settings: All settings of that.
        plan: What is done to the infrastructure; an empty one on hosts that exist.
        is_nothing: Whether it is known that there is nothing to do.
    """
    kind = work(known, stack, settings, plan, is_nothing=is_nothing)
    return Forecast(
        work=kind,
        timeline=timeline(kind, settings.target, _history(store, name, kind, stack, settings)),
        downtime=downtime(known, stack, settings, plan, is_nothing=is_nothing),
        permissions=permissions(known, stack, settings, plan),
        undo=undo(known, stack, settings, plan, is_nothing=is_nothing),
    )


def _history(store: Store, name: str, kind: str, stack: TechStack, settings: Settings) -> History:
    """The runs of the same work: the application's, and where it has none, those of all others."""
    own = store.states(name, settings.environment)
    mine = [one for one in own if is_like(one, kind, settings.target)]
    if mine:
        return History(application=mine)
    others = store.newest(RUNS)
    alike = [one for one in others if is_like(one, kind, settings.target)]
    same = [one for one in alike if one.stack and one.stack.language == stack.language]
    return History(machine=same or alike)
