"""What every call passes on its way to moto and back.

A layer takes the call and the next layer, and gives an answer: it may answer itself, change the
answer, or only look. The order is that of the list, the first one outermost.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from autodeploy.lab.api import actions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ADMIN = "/_autodeploy/"
FORM = "application/x-www-form-urlencoded"
MAX_FORM_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Call:
    """One call of the API.

    Attributes:
        action: IAM's name of it.
        environ: WSGI's view of the request.
    """

    action: str
    environ: WSGIEnvironment


Next = Callable[[Call], Response]
Layer = Callable[[Call, Next], Response]
Admin = Callable[[], Any]


class Gateway:
    """The WSGI application that the lab serves."""

    def __init__(
        self, moto: WSGIApplication, layers: Sequence[Layer], admin: dict[str, Admin]
    ) -> None:
        self._moto = moto
        # moto's models know no locks.
        self._lock = threading.Lock()
        self._admin = admin
        self._answer: Next = self._ask_moto
        for layer in reversed(layers):
            self._answer = _bind(layer, self._answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        if "HTTP_ORIGIN" in environ:  # a web page in somebody's browser
            response = Response("not for browsers\n", status=403)
        elif path.startswith(ADMIN):
            response = self._administer(path.removeprefix(ADMIN))
        else:
            response = self._answer(Call(actions.name(Request(environ), _form(environ)), environ))
        return response(environ, start_response)

    def _ask_moto(self, call: Call) -> Response:
        with self._lock:
            return Response.from_app(self._moto, call.environ, buffered=True)

    def _administer(self, what: str) -> Response:
        if what not in self._admin:
            return Response("no such page\n", status=404)
        return Response(json.dumps(self._admin[what]()), mimetype="application/json")


def _bind(layer: Layer, following: Next) -> Next:
    return lambda call: layer(call, following)


def _form(environ: WSGIEnvironment) -> str:
    """The body where it is a form; it is put back for moto to read."""
    if not environ.get("CONTENT_TYPE", "").startswith(FORM):
        return ""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return str(body[:MAX_FORM_BYTES].decode(errors="replace"))
