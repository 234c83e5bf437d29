"""What every call passes on its way to moto and back.

A layer takes the call and the next layer, and gives an answer: it may answer itself, change the
answer, or only look. The order is that of the list, the first one outermost.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from autodeploy.lab.api import actions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADMIN = "/_autodeploy/"
FORM = "application/x-www-form-urlencoded"
JSON = "application/x-amz-json"
MAX_BODY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Call:
    """One call of the API.

    Attributes:
        action: IAM's name of it.
        environ: WSGI's view of the request.
        body: The body where it is a form or JSON, as most of AWS's protocols have it; else nothing.
    """

    action: str
    environ: WSGIEnvironment
    body: bytes = b""


class ConnectionCut(ConnectionError):
    """The caller gets no answer: werkzeug closes the connection without a word."""


class BadRequest(Exception):
    """An admin call that cannot be understood; its message goes to the caller."""


Next = Callable[[Call], Response]
Layer = Callable[[Call, Next], Response]
Admin = Callable[[Any], Any]


class OneAtATime:
    """The layer behind which calls do not overlap: moto's models know no locks.

    Whoever else looks at moto's models, or changes them, holds `lock`.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self.lock = lock

    def __call__(self, call: Call, following: Next) -> Response:
        """Have the call answered while no other is."""
        with self.lock:
            return following(call)


class Gateway:
    """The WSGI application that the lab serves."""

    def __init__(
        self, moto: WSGIApplication, layers: Sequence[Layer], admin: Mapping[str, Admin]
    ) -> None:
        """Put layers in front of an API.

        Args:
            moto: The API.
            layers: The outermost first; one of them is `OneAtATime`.
            admin: What answers `METHOD page` below /_autodeploy/, given the JSON that was sent.
        """
        self._moto = moto
        self._admin = admin
        self._answer: Next = self._ask_moto
        for layer in reversed(layers):
            self._answer = _bind(layer, self._answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ConnectionCut: A layer wants the caller to get no answer.
        """
        path = environ.get("PATH_INFO", "")
        if "HTTP_ORIGIN" in environ:  # a web page in somebody's browser
            response = Response("not for browsers\n", status=403)
        elif path.startswith(ADMIN):
            response = self._administer(environ, path.removeprefix(ADMIN))
        else:
            response = self._answer(_call(environ))
        return response(environ, start_response)

    def _ask_moto(self, call: Call) -> Response:
        return Response.from_app(self._moto, call.environ, buffered=True)

    def _administer(self, environ: WSGIEnvironment, page: str) -> Response:
        request = Request(environ)
        admin = self._admin.get(f"{request.method} {page}")
        if admin is None:
            return Response("no such page\n", status=404)
        try:
            said = admin(json.loads(request.get_data() or b"null"))
        except (BadRequest, ValueError) as error:
            return Response(f"{error}\n", status=400)
        return Response(json.dumps(said), mimetype="application/json")


def _bind(layer: Layer, following: Next) -> Next:
    return lambda call: layer(call, following)


def _call(environ: WSGIEnvironment) -> Call:
    body = _body(environ)
    form = body.decode(errors="replace") if _content(environ).startswith(FORM) else ""
    return Call(actions.name(Request(environ), form), environ, body)


def _body(environ: WSGIEnvironment) -> bytes:
    """The body where it is a form or JSON; it is put back for moto to read."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MAX_BODY_BYTES or not _content(environ).startswith((FORM, JSON)):
        return b""
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _content(environ: WSGIEnvironment) -> str:
    return str(environ.get("CONTENT_TYPE", ""))
