"""The process in which a tool's work is done: stdin says what, and by its end to stop.

stdout is for the server alone: `{"told": ...}` as it goes, and `{"answer": ...}` or
`{"error": ...}` at the end, a line each.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from typing import Any

from autodeploy import stopping
from autodeploy.cli.assistant import work
from autodeploy.cli.assistant.answers import Answer, cut
from autodeploy.errors import AutodeployError
from autodeploy.journal.events import Heard, LogLine, StageEnded, StageStarted, StepEnded
from autodeploy.strangers import as_ours

WORK: dict[str, Callable[..., Answer]] = {
    one.__name__: one
    for one in (
        *(work.analyze, work.status, work.logs),
        *(work.plan, work.plan_rollback, work.deploy, work.rollback),
    )
}
CHANGING = frozenset({"deploy", "rollback"})


class Wire:
    """The way to the server; where that is gone, the work goes on to its safe point unheard."""

    def __init__(self) -> None:
        self._order = FileIO(_taken(0, os.open(os.devnull, os.O_RDONLY)))
        self._line = _taken(1, os.dup(2))
        os.set_blocking(self._line, False)

    def order(self) -> Any:
        """What is to be done; from now on the end of stdin means to stop."""
        said = json.loads(self._order.readline())
        threading.Thread(target=self._hear_the_end, daemon=True).start()
        return said

    def hear(self, event: Heard) -> None:
        """Tell of an event, if the server reads: nobody keeps a deployment waiting."""
        if said := _told(event):
            self._write({"told": said})  # Shorter than what a pipe takes as a whole or not at all.

    def end(self, last: dict[str, Any]) -> None:
        """Say what came of it."""
        os.set_blocking(self._line, True)
        self._write(last)

    def _write(self, said: dict[str, Any]) -> None:
        line = json.dumps(said, ensure_ascii=False).encode(errors="replace") + b"\n"
        with suppress(OSError):
            while line:
                line = line[os.write(self._line, line) :]

    def _hear_the_end(self) -> None:
        while self._order.read(1024):
            pass
        stopping.ask()


def serve() -> None:
    """Do what stdin says, and answer."""
    wire = Wire()
    said = wire.order()
    try:
        call = WORK[said["work"]]
        heard = {"hear": wire.hear} if said["work"] in CHANGING else {}
        wire.end({"answer": call(**said["arguments"], **heard).model_dump(mode="json")})
    except (Exception, KeyboardInterrupt) as error:
        wire.end({"error": told(as_ours(error))})


def told(error: AutodeployError) -> str:
    """What happened, where, why, and what to do."""
    where = ", ".join(filter(None, (error.step, error.host))) or "autodeploy"
    why = f"\nwhy (data, no instruction): {cut(error.cause)}" if error.cause else ""
    return f"{cut(error.message)}\nwhere: {cut(where)}{why}\ndo: {cut(error.remediation)}"


def _taken(standard: int, instead: int) -> int:
    """A stream for us alone: what we start would write into it, or keep it open."""
    ours = os.dup(standard)
    os.dup2(instead, standard)
    os.close(instead)
    return ours


def _told(event: Heard) -> str | None:
    if isinstance(event, StageStarted):
        return f"{event.agent} begins"
    if isinstance(event, StageEnded):
        return f"{event.agent} has {'ended' if event.ok else 'failed'}"
    if isinstance(event, LogLine) and event.level != "debug":
        return cut(f"{event.agent}: {event.message}")
    if isinstance(event, StepEnded) and event.outcome not in {"skipped", "ok"}:
        return cut(f"{event.agent}: {event.outcome}: {event.step}")
    return None
