"""State and events → the page's view model. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from autodeploy.contracts import MADE, Comparison, DeploymentState, comparison, counted, expected
from autodeploy.journal.events import AnyEvent
from autodeploy.pages.diagram import diagram
from autodeploy.pages.duration import duration
from autodeploy.pages.log import rows
from autodeploy.pages.model import Compared, Fact, Page, ResourceRow
from autodeploy.pages.money import bill
from autodeploy.pages.safety import safety
from autodeploy.pages.timeline import attempts
from autodeploy.words import natural

MOST_RESOURCES = 300


def view(
    state: DeploymentState,
    events: Sequence[AnyEvent],
    ways: Sequence[str],
    made: datetime,
    *,
    interrupted: bool = False,
) -> Page:
    """All that the page shows.

    Args:
        state: The deployment's.
        events: Its log's, whose fold that is.
        ways: The commands that lead on.
        made: When the page is made.
        interrupted: Whether its process is gone, and nobody goes on with it.
    """
    found = comparison(state)
    log, left_out = rows(state, events)
    return Page(
        title=f"{state.application} ({state.environment})",
        id=state.id,
        operation=state.operation,
        status="interrupted" if interrupted else state.status.value,
        lead=f"{state.operation}: its process is gone" if interrupted else _lead(state),
        facts=tuple(_facts(state)),
        errors=tuple(dict.fromkeys(filter(None, (state.failure, state.error)))),
        ways=tuple(ways),
        attempts=attempts(state, events, interrupted=interrupted),
        compared=tuple(_compared(found)) if found else (),
        notes=tuple(_notes(state, found)),
        diagram=diagram(state),
        resources=tuple(_resources(state, found))[:MOST_RESOURCES],
        bill=bill(state),
        safety=safety(state.security),
        log=log,
        left_out=left_out,
        made=made,
    )


def _lead(state: DeploymentState) -> str:
    seconds = state.rollback_seconds if state.back_since else _in_one_go(state)
    took = f" in {duration(seconds)}" if seconds else ""
    if not state.changed and not state.error:
        return f"{state.operation}: nothing had to be changed{took}"
    return f"{state.operation} {state.status.replace('_', ' ')}{took}"


def _in_one_go(state: DeploymentState) -> float | None:
    return None if state.resumed else state.seconds


def _facts(state: DeploymentState) -> Iterator[Fact]:
    running = state.deployment
    if running and running.url:
        yield Fact("Address", running.url, link(running.url))
    if running:
        yield Fact("Release", running.release)
    if state.repository:
        commit = f" at {state.commit[:12]}" if state.commit else ""
        yield Fact("Source", f"{state.repository}{commit}", link(state.repository))
    if state.stack:
        parts = (state.stack.language, state.stack.framework)
        yield Fact("Stack", ", ".join(filter(None, parts)) or "not known")
    yield Fact("Target", ", ".join(filter(None, (state.target, state.region))))
    if state.hosts:
        yield Fact("Hosts", str(len(state.hosts)))
    yield Fact("Began", f"{state.created_at:%Y-%m-%d %H:%M:%S} UTC")
    if state.done_at:
        yield Fact("Ended", f"{state.done_at:%Y-%m-%d %H:%M:%S} UTC")
    if state.back_since:
        took = f", took {duration(seconds)}" if (seconds := state.rollback_seconds) else ""
        yield Fact("Rollback", f"{state.back_since:%Y-%m-%d %H:%M:%S} UTC{took}")
    if state.by:
        yield Fact("By", state.by)
    if state.snapshots:
        yield Fact("Snapshots kept", ", ".join(state.snapshots))


def link(address: str) -> str | None:
    """The address, where a browser may go there; None for any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.hostname else None


def _compared(found: Comparison) -> Iterator[Compared]:
    within = expected(found.p50, found.p95, duration)
    yield Compared("Time", within, found.took(duration))
    yield Compared("Resources", counted(found.foreseen), counted(found.done))


def _notes(state: DeploymentState, found: Comparison | None) -> Iterator[str]:
    if state.foreseen is None or found is None:
        return
    forecast = state.foreseen.forecast
    yield f"Foreseen as: {forecast.work}; by {found.basis}."
    outage = forecast.downtime
    missed = "some" if outage.seconds is None else f"{outage.seconds} s" * bool(outage.seconds)
    yield f"Downtime: {missed or 'none'}; {outage.reason}."
    if forecast.undo:
        yield f"A rollback: {'; '.join(forecast.undo)}."


def _resources(state: DeploymentState, found: Comparison | None) -> Iterator[ResourceRow]:
    otherwise = found.otherwise if found else ()
    planned = {one.key: one for one in state.foreseen.resources} if state.foreseen else {}
    there = {one.key: one for one in state.resources}
    for key in sorted(planned.keys() | there.keys() | state.done.keys(), key=natural):
        one = there.get(key) or planned.get(key)
        yield ResourceRow(
            key=key,
            type=one.type.removeprefix("AWS::").replace("::", " ") if one else "",
            id=(one.id if one else None) or "",
            foreseen=MADE[planned[key].action] if key in planned else "",
            done=MADE[state.done[key]] if key in state.done else "",
            is_otherwise=key in otherwise,
        )


def tiles(page: Page) -> Iterable[tuple[str, str, str]]:
    """The figures that stand on top: a name, a figure, and what to compare it with."""
    if page.compared:
        time, resources = page.compared[:2]
        yield "Time", time.done, f"foreseen: {time.foreseen.partition(',')[0]}"
        first, _, rest = resources.done.partition(", ")
        yield "Resources", first, rest
    if page.bill:
        yield "Cost a month", page.bill.total, f"{len(page.bill.rows)} lines"
    if page.safety:
        counted = Counter(one.severity for one in page.safety.findings)
        worst = ", ".join(f"{number} {name}" for name, number in counted.items())
        yield "Findings", str(len(page.safety.findings)), worst or "none"


__all__ = ["link", "tiles", "view"]
