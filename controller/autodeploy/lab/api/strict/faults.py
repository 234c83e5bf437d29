"""The layer in which calls go wrong, where that was asked for."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import random
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import BadRequest, Call, ConnectionCut, Next
from autodeploy.lab.api.strict.refusals import refusal
from autodeploy.lab.faults import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Facts = Callable[[Call], Mapping[str, Any]]


class _Planned:
    """A fault and how often it was met."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._met = 0
        self._done = 0
        self._dice = random.Random(fault.seed)  # noqa: S311  no secret depends on it

    def strikes(self, call: Call, facts: Facts) -> bool:
        fault = self.fault
        if not fnmatch.fnmatchcase(call.action.lower(), fault.action.lower()):
            return False
        said = facts(call) if fault.when else {}
        if any(str(said.get(name)) != value for name, value in fault.when.items()):
            return False
        self._met += 1
        rolled = fault.probability is None or self._dice.random() < fault.probability
        chosen = rolled and fault.nth in (None, self._met)
        if not chosen or (fault.times is not None and self._done >= fault.times):
            return False
        self._done += 1
        return True


class Faults:
    """The layer in which calls go wrong; in front of everything that carries them out."""

    def __init__(self, facts: Facts) -> None:
        """Plan none yet.

        Args:
            facts: Tells a call's parameters, for faults that look at them.
        """
        self._facts = facts
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def __call__(self, call: Call, following: Next) -> Response:
        """Have a call answered, refuse it, or cut its connection.

        Raises:
            ConnectionCut: The caller is to get no answer.
        """
        with self._lock:  # every fault that matches counts the call, the first that strikes is met
            striking = [one.fault for one in self._planned if one.strikes(call, self._facts)]
        if not striking:
            return following(call)
        kind = striking[0].kind
        if kind == "dropped-response":
            following(call)
            _hang_up(call.environ)
            raise ConnectionCut(kind)
        if kind == "connection-reset":
            _reset(call.environ)
            raise ConnectionCut(kind)
        return protocol.refuse(call, refusal(call.action, kind))

    def add(self, said: Any) -> list[dict[str, Any]]:
        """Plan a fault; every fault that is planned now.

        Raises:
            BadRequest: That is no fault.
        """
        try:
            fault = Fault.model_validate(said)
        except ValidationError as error:
            raise BadRequest(str(error)) from error
        with self._lock:
            self._planned.append(_Planned(fault))
        return self.listing()

    def listing(self) -> list[dict[str, Any]]:
        """Every fault that is planned, as JSON has it."""
        with self._lock:
            return [one.fault.model_dump(mode="json") for one in self._planned]

    def clear(self) -> None:
        """Plan none."""
        with self._lock:
            self._planned.clear()


def _reset(environ: WSGIEnvironment) -> None:
    """Make the kernel answer with RST: closed without lingering, nothing is said in between."""
    with contextlib.suppress(OSError, KeyError):
        connection: socket.socket = environ["werkzeug.socket"]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())


def _hang_up(environ: WSGIEnvironment) -> None:
    """End the connection; werkzeug would keep it for the caller's next request."""
    with contextlib.suppress(OSError, KeyError):
        connection: socket.socket = environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
