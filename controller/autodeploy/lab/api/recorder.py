"""The record of every call: what was asked, when, and AWS's error code. No parameter is kept."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from werkzeug import Response

from autodeploy.lab.api import actions
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.info import ApiCall


class Recorder:
    """The layer that writes calls, one JSON object a line, in the order of their answers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def __call__(self, call: Call, following: Next) -> Response:
        """Have the call answered and write it down."""
        response = following(call)
        error = actions.error_code(response.status_code, response.get_data())
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            said = ApiCall(action=call.action, time=datetime.now(UTC), error=error)
            file.write(f"{said.model_dump_json()}\n")
        return response


def read(path: Path, since: datetime | None = None) -> list[ApiCall]:
    """Every call since a time, oldest first; a line cut short by a crash is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    calls = [ApiCall.model_validate_json(line) for line in lines if line.endswith("\n")]
    return [call for call in calls if since is None or call.time >= since]
