"""A deployment's events as they happen."""

from __future__ import annotations

from autodeploy.cli.output import indented, say
from autodeploy.journal.events import AnyEvent, LogLine, StageEnded, StageStarted, StepEnded


def progress(event: AnyEvent) -> None:
    """Print an event as it happens, as far as people want to see it."""
    if isinstance(event, StageStarted):
        say(f"{event.agent}", bold=True)
    elif isinstance(event, LogLine) and event.level != "debug":
        say(f"  {event.agent}: {indented(event.message)}")
    elif isinstance(event, StepEnded) and event.outcome not in {"skipped", "ok"}:
        where = f" on {event.host}" if event.host else ""
        say(f"  {event.agent}: {event.outcome}: {event.step}{where} ({event.seconds:.1f} s)")
    elif isinstance(event, StageEnded) and not event.ok:
        say(f"  {event.agent}: failed", fg="red")
