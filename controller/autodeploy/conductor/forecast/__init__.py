"""What a deployment takes, and what users notice of it, before it is carried out.

    intended    what a forecast is made of
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
from autodeploy.conductor.forecast.intended import Intended
from autodeploy.conductor.forecast.permissions import permissions
from autodeploy.conductor.forecast.undo import undo
from autodeploy.conductor.forecast.work import is_like, work
from autodeploy.contracts import Forecast
from autodeploy.journal import Store

__all__ = ["Intended", "forecast"]

RUNS = 100
"""So many of the newest runs are asked where the application's own cannot tell."""


def forecast(store: Store, name: str, intended: Intended) -> Forecast:
    """What carrying out a plan, and releasing after it, takes.

    Args:
        store: Where runs are kept that tell how long such work takes.
        name: The application's.
        intended: What is carried out.
    """
    kind = work(intended)
    history = _history(store, name, kind, intended)
    outage = downtime(intended)
    return Forecast(
        work=kind,
        timeline=timeline(kind, intended.settings.target, history, outage.seconds or 0),
        downtime=outage,
        permissions=permissions(intended),
        undo=undo(intended),
    )


def _history(store: Store, name: str, kind: str, intended: Intended) -> History:
    """The runs of the same work: the application's, and where it has none, those of all others."""
    settings, language = intended.settings, intended.stack.language
    own = store.states(name, settings.environment)
    mine = [one for one in own if is_like(one, kind, settings.target)]
    if mine:
        return History(application=mine)
    others = store.newest(RUNS)
    alike = [one for one in others if is_like(one, kind, settings.target)]
    same = [one for one in alike if one.stack and one.stack.language == language]
    return History(machine=same or alike)
