"""The record of every call: what was asked and answered, when, and how long that took."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from werkzeug import Response

from autodeploy.lab.api import actions, protocol
from autodeploy.lab.api.gateway import Call, ConnectionCut, Next
from autodeploy.lab.api.redaction import redacted
from autodeploy.lab.info import ApiCall

REQUEST_ID = re.compile(rb"<[Rr]equest(?:Id|ID)>([^<]{1,64})<")
ID_HEADER = "x-amzn-RequestId"


class Recorder:
    """The layer that writes calls, one JSON object a line, in the order of their answers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def __call__(self, call: Call, following: Next) -> Response:
        """Have the call answered and write it down.

        Raises:
            ConnectionCut: Nobody is to be answered; that is written down too.
        """
        began = time.monotonic()
        try:
            response = following(call)
        except ConnectionCut:
            self._write(call, began, None)
            raise
        self._write(call, began, response)
        return response

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._path.unlink(missing_ok=True)

    def _write(self, call: Call, began: float, response: Response | None) -> None:
        said = ApiCall(
            action=call.action,
            time=datetime.now(UTC),
            error=_error(response),
            parameters=redacted(call.action, protocol.parameters(call)),
            milliseconds=round((time.monotonic() - began) * 1000, 1),
            status=response.status_code if response is not None else None,
            request_id=_request_id(response) if response is not None else None,
        )
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{said.model_dump_json()}\n")


def _error(response: Response | None) -> str | None:
    if response is None:
        return ConnectionCut.__name__
    return actions.error_code(response.status_code, response.get_data())


def _request_id(response: Response) -> str | None:
    found = response.headers.get(ID_HEADER)
    if found:
        return found
    written = REQUEST_ID.search(response.get_data())
    return written[1].decode(errors="replace") if written else None
