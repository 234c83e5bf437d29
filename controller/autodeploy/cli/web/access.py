"""Who may read: whoever has the token, by an address of this machine; nobody else is let in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autodeploy.errors import AutodeployError, UsageError
from autodeploy.pages import site

READS = ("GET", "HEAD")
HERE = "127.0.0.1"


@dataclass(frozen=True)
class Access:
    """What one run of the server lets in.

    Attributes:
        port: Where it listens.
        token: What a browser must have been given.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def address(self) -> str:
        """What lets a browser in that opens it."""
        return f"http://{HERE}:{self.port}/?token={self.token}"

    @property
    def cookie(self) -> str:
        """Its name: cookies do not know ports, and several servers would take each other's."""
        return f"autodeploy-{self.port}"

    def is_ours(self, host: str | None) -> bool:
        """Whether a browser means us: not where a foreign name leads here (DNS rebinding)."""
        return host in {f"{HERE}:{self.port}", f"localhost:{self.port}"}

    def is_good(self, token: str | None) -> bool:
        """Whether it is the token; how long that takes tells nothing of it."""
        return secrets.compare_digest((token or "").encode(), self.token.encode())


class Guard:
    """Stands before the application: lets in, or answers itself; and all answers have its headers.

    Attributes:
        HEADERS: What every answer says. No page of anybody else's may show or hold ours.
    """

    HEADERS: ClassVar[dict[str, str]] = {
        "content-security-policy": site.policy(),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }

    def __init__(self, application: ASGIApp, access: Access) -> None:
        self._application = application
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.HEADERS)
            await send(message)

        answer = self._answer(Request(scope)) or self._application
        await answer(scope, receive, with_headers)

    def _answer(self, request: Request) -> Response | None:
        """What is said in place of the application; None where it is asked."""
        access = self._access
        if not access.is_ours(request.headers.get("host")):
            return refusal(400, UsageError("this address is not ours", remediation=WAY_IN))
        if request.method not in READS:
            only = UsageError("nothing can be changed here", remediation="Use the command line.")
            return refusal(405, only, {"allow": ", ".join(READS)})
        if request.url.path == "/" and access.is_good(request.query_params.get("token")):
            return _entry(access)
        if access.is_good(request.cookies.get(access.cookie)):
            return None
        return refusal(403, UsageError("you are not let in", remediation=WAY_IN))


WAY_IN = (
    "Open the whole address that `autodeploy ui` has printed, its token included. Where you just "
    "have, by a link on another page, follow the link below."
)


def _entry(access: Access) -> Response:
    answer = HTMLResponse(site.entry("/", datetime.now(UTC)))
    answer.set_cookie(access.cookie, access.token, httponly=True, samesite="strict")
    return answer


TITLES = {400: "Not here", 403: "Not let in", 404: "Not found", 405: "Read only"}


def refusal(code: int, error: AutodeployError, headers: dict[str, str] | None = None) -> Response:
    """A page that says what happened, why, and what to do."""
    title = TITLES.get(code, "That went wrong")
    return HTMLResponse(site.refusal(title, error, datetime.now(UTC)), code, headers)
