"""What was foreseen of a deployment beside what came of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from autodeploy.contracts.base import Contract
from autodeploy.contracts.cost import cents
from autodeploy.contracts.plan import Action
from autodeploy.contracts.state import DeploymentState, DeploymentStatus
from autodeploy.words import natural

MADE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.NONE: "unchanged",
}
"""What each action has come to, for people."""


class Comparison(Contract):
    """Both sides.

    Attributes:
        work: What kind of work it was taken for.
        foreseen: How many resources each action was to happen to.
        done: How many it did happen to.
        otherwise: Logical names of those that something else happened to; of a run that did not
            complete, none that it has not come to.
        p50: The seconds that were foreseen.
        p95: Those that were to be enough in nineteen of twenty runs.
        basis: Which runs told so.
        monthly_cost: USD a month that all was to cost; None where that is not known.
        seconds: Those that it took; None where it is not over, or was not in one go.
        is_over: Whether its own work has ended; a rollback is another's.
    """

    work: str
    foreseen: dict[Action, int]
    done: dict[Action, int]
    otherwise: tuple[str, ...]
    p50: float
    p95: float
    basis: str
    monthly_cost: float | None
    seconds: float | None
    is_over: bool

    def took(self, said: Callable[[float], str]) -> str:
        """The time that it took, for people; `said` is how seconds are written."""
        if not self.is_over:
            return "not over yet"
        return "not in one go" if self.seconds is None else said(self.seconds)


def comparison(state: DeploymentState) -> Comparison | None:
    """Both sides of a deployment; None where it has foreseen nothing."""
    if state.foreseen is None:
        return None
    planned = {one.key: one.action for one in state.foreseen.resources}
    line, cost = state.foreseen.forecast.timeline, state.foreseen.cost
    monthly = cost.monthly if cost else None
    return Comparison(
        work=state.foreseen.forecast.work,
        foreseen=_counted(planned.values()),
        done=_counted(state.done.values()),
        otherwise=tuple(_otherwise(state, planned)),
        p50=line.p50,
        p95=line.p95,
        basis=line.basis,
        monthly_cost=None if monthly is None else float(cents(monthly)),
        seconds=None if state.resumed else state.seconds,
        is_over=state.seconds is not None,
    )


def _otherwise(state: DeploymentState, planned: Mapping[str, Action]) -> Iterator[str]:
    came_to_all = state.had_completed or state.status is DeploymentStatus.COMPLETED
    keys = planned.keys() | state.done.keys() if came_to_all else state.done
    for key in sorted(keys, key=natural):
        wanted, done = planned.get(key), state.done.get(key)
        is_half_way = not came_to_all and (wanted, done) == (Action.REPLACE, Action.DELETE)
        if wanted != done and not is_half_way:
            yield key


def counted(counts: Mapping[Action, int]) -> str:
    """`3 created, 12 unchanged`."""
    said = (f"{counts[action]} {word}" for action, word in MADE.items() if action in counts)
    return ", ".join(said) or "none"


def _counted(actions: Iterable[Action]) -> dict[Action, int]:
    counts = Counter(actions)
    return {action: counts[action] for action in Action if counts[action]}
