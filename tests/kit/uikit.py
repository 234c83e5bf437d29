"""The server of `autodeploy ui` in this process, and a deployment that somebody works on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse

import click

from autodeploy.cli.ui import ui
from autodeploy.cli.web.access import Access
from autodeploy.cli.web.addresses import application
from autodeploy.cli.web.reader import Reader
from autodeploy.cli.web.server import listening, server
from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import Journal, Store
from autodeploy.journal import events as e
from statekit import created


def reader() -> Reader:
    """What reads the state of AUTODEPLOY_HOME."""
    return Reader(click.Context(ui))


@contextmanager
def served() -> Iterator[Access]:
    """The pages on loopback, by a thread."""
    with listening(None) as socket:
        access = Access(socket.getsockname()[1])
        serving = server(application(reader(), access))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [socket]})
        thread.start()
        try:
            yield access
        finally:
            serving.should_exit = True
            thread.join()


@contextmanager
def asked(access: Access, place: str, **headers: str) -> Iterator[HTTPResponse]:
    """The answer to a browser that was let in, while it is read."""
    connection = HTTPConnection("127.0.0.1", access.port, timeout=60)
    try:
        cookie = {"cookie": f"{access.cookie}={access.token}"}
        connection.request("GET", place, headers={**cookie, **headers})
        yield connection.getresponse()
    finally:
        connection.close()


@contextmanager
def worked_on(store: Store) -> Iterator[Journal]:
    """A deployment that runs, until the block ends."""
    with store.lease("shop", "production", "deploy"):
        journal = created(store)
        journal.write(e.StatusChanged(status=DeploymentStatus.RUNNING))
        journal.write(e.StageStarted(agent="deployer"))
        yield journal


def said(journal: Journal, message: str) -> None:
    """Another line of its log."""
    journal.write(e.LogLine(agent="deployer", level="info", message=message))
