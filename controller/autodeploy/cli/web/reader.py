"""What the pages show, read from the state anew for each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click

from autodeploy import pages
from autodeploy.cli import applications, status
from autodeploy.cli.report import page_of
from autodeploy.errors import NotDeployed
from autodeploy.journal import fold
from autodeploy.pages import Live, overview, site

T = TypeVar("T")
MOST_RUNS = 200


class Reader:
    """Makes the pages, in whichever thread."""

    def __init__(self, context: click.Context) -> None:
        """A reader.

        Args:
            context: The command's, which knows where the state is.
        """
        self._context = context

    def applications(self) -> str:
        """The page of all applications."""
        return self._inside(_applications)

    def deployments(self, name: str, environment: str) -> str:
        """The page of one application's deployments.

        Raises:
            NotDeployed: There is no such application.
            StateError: Its state cannot be read.
        """
        return self._inside(lambda: _deployments(name, environment))

    def deployment(self, identifier: str) -> str:
        """The page of a deployment; raises as `deployments`."""
        return self._inside(lambda: _deployment(identifier))

    def check(self, identifier: str) -> None:
        """Nothing, where there is such a deployment.

        Raises:
            NotDeployed: There is none.
        """
        self._inside(lambda: _checked(identifier))

    def news(self, identifier: str, after: int) -> tuple[Live, bool]:
        """What is new of a deployment, and whether it still runs; raises as `deployments`."""
        return self._inside(lambda: _news(identifier, after))

    def _inside(self, call: Callable[[], T]) -> T:
        with click.Context(self._context.command, parent=self._context) as inner:
            inner.params = dict(self._context.params)
            return call()


def _applications() -> str:
    known, unreadable = status.every(None)
    rows = [
        overview.application(
            one, status.standing(one), interrupted=applications.is_interrupted(one.last)
        )
        for one in known
    ]
    broken = [site.Unreadable(*place, error) for place, error in unreadable.items()]
    return site.applications(rows, broken, datetime.now(UTC))


def _deployments(name: str, environment: str) -> str:
    applications.find(name, environment)
    runs = applications.store().states(name, environment)[::-1]
    rows = [
        overview.run(one, interrupted=applications.is_interrupted(one, runs))
        for one in runs[:MOST_RUNS]
    ]
    left_out = len(runs) - len(rows)
    return site.deployments(name, environment, rows, left_out, datetime.now(UTC))


def _deployment(identifier: str) -> str:
    events = applications.store().history(_checked(identifier))
    state, now = fold(events), datetime.now(UTC)
    page = page_of(state, events, now)
    live = None
    if page.status in applications.GOES_ON:
        live = pages.live(state, events, events[-1].seq, now)
    return site.deployment(page, state.application, state.environment, live)


def _news(identifier: str, after: int) -> tuple[Live, bool]:
    events = applications.store().history(identifier)
    state = fold(events)
    runs = state.status in applications.GOES_ON and not applications.is_interrupted(state)
    return pages.live(state, events, after, datetime.now(UTC)), runs


def _checked(identifier: str) -> str:
    """The id, where it is a deployment's: before that it names no place of any kind."""
    if identifier not in applications.store().ids():
        raise NotDeployed(f"there is no deployment {identifier}")
    return identifier
