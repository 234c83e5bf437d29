"""Which addresses there are, and what answers at each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from autodeploy.cli.web.access import Access, Guard, refusal
from autodeploy.cli.web.reader import Reader
from autodeploy.cli.web.stream import MOST_STREAMS, Stream, number
from autodeploy.errors import NotDeployed
from autodeploy.strangers import as_ours


def application(reader: Reader, access: Access) -> ASGIApp:
    """All of them, behind the guard."""
    them = Addresses(reader)
    routes = [
        Route("/", them.applications),
        Route("/applications/{name}/{environment}", them.deployments),
        Route("/deployments/{identifier}", them.deployment),
        Route("/deployments/{identifier}/events", them.events),
    ]
    return Guard(Starlette(routes=routes, exception_handlers={HTTPException: _no_such}), access)


class Addresses:
    """What answers; whatever goes wrong is a page too."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._slots = asyncio.Semaphore(MOST_STREAMS)

    async def applications(self, _request: Request) -> Response:
        """All applications."""
        return await _page(self._reader.applications)

    async def deployments(self, request: Request) -> Response:
        """One application's deployments."""
        return await _page(lambda: self._reader.deployments(**request.path_params))

    async def deployment(self, request: Request) -> Response:
        """A deployment's report."""
        return await _page(lambda: self._reader.deployment(**request.path_params))

    async def events(self, request: Request) -> Response:
        """What comes of a deployment while it runs."""
        identifier = request.path_params["identifier"]
        try:
            await run_in_threadpool(self._reader.check, identifier)
        except Exception as error:
            return _wrong(error)
        if self._slots.locked():
            return Response("too many pages are open that go on of themselves", 503)
        if request.method == "HEAD":
            return Response(media_type=Stream.media_type)
        said = request.headers.get("last-event-id") or request.query_params.get("after", "")
        news = self._reader.news
        return Stream(lambda after: news(identifier, after), number(said), self._slots)


async def _page(make: Callable[[], str]) -> Response:
    try:
        return HTMLResponse(await run_in_threadpool(make))
    except Exception as error:
        return _wrong(error)


def _wrong(error: Exception) -> Response:
    return refusal(404 if isinstance(error, NotDeployed) else 500, as_ours(error))


async def _no_such(_request: Request, _error: Exception) -> Response:
    return refusal(404, NotDeployed("there is no such page"))
