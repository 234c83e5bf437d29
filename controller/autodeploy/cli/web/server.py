"""How it listens, and ends: at once, whoever still reads."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from autodeploy.cli.web.access import HERE
from autodeploy.errors import UsageError

MOST_CONNECTIONS = 100


@contextmanager
def listening(port: int | None) -> Iterator[socket.socket]:
    """A socket of this machine alone, on this port or on one that is free.

    Raises:
        UsageError: Something else has the port.
    """
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HERE, port or 0))
            made.listen()  # From here on a browser waits for us, and is not refused.
        except OSError as error:
            raise UsageError(
                f"port {port} of this machine cannot be listened on",
                cause=str(error),
                remediation="Give --port another, or leave it out.",
            ) from error
        yield made


def server(application: ASGIApp) -> uvicorn.Server:
    """What serves the application; it says nothing, and knows no proxies."""
    config = uvicorn.Config(
        application,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="critical",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=0,
    )
    return uvicorn.Server(config)
