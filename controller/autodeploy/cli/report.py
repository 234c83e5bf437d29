"""`autodeploy report`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autodeploy import paths
from autodeploy.cli import applications, options, outfile, output, ways
from autodeploy.contracts import DeploymentState
from autodeploy.errors import NotDeployed
from autodeploy.journal.events import AnyEvent

if TYPE_CHECKING:
    from autodeploy.pages.model import Page


@click.command()
@click.argument("deployment", required=False)
@options.environment
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.option(
    "--output",
    "-o",
    "wanted",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it there (default: reports/ below AUTODEPLOY_HOME).",
)
def report(
    *, deployment: str | None, environment: str | None, opens: bool, wanted: Path | None
) -> None:
    """Write a page of DEPLOYMENT, and print where it is.

    DEPLOYMENT is an id, or an application, of which the newest is taken; without it the newest
    of all. The page is one file that needs no network: it can be mailed, or kept by a CI.

    \b
    Examples:
      autodeploy report shop --open
      autodeploy report 20261127t110318169556-7615 -o report.html
    """
    import webbrowser

    from autodeploy import pages

    state = _chosen(deployment, environment)
    events = applications.store().history(state.id)
    page = pages.html(page_of(state, events, datetime.now(UTC)))
    path = wanted or paths.private_folder(paths.home() / "reports") / f"{state.id}.html"
    outfile.write(path, page)
    click.echo(path)
    if opens and not webbrowser.open(path.absolute().as_uri()):
        output.say("no browser could be opened: open the file yourself", fg="yellow")


def _chosen(called: str | None, environment: str | None) -> DeploymentState:
    store = applications.store()
    if called is None:
        of_all = store.newest(len(store.ids()) if environment else 1)
        found = [one for one in of_all if environment in {None, one.environment}]
        if not found:
            raise NotDeployed("there is no deployment to report on")
        return found[-1]
    if called in store.ids():
        return store.state(called)
    return applications.find(called, environment or "production").last


def page_of(state: DeploymentState, events: Sequence[AnyEvent], made: datetime) -> Page:
    """The page of a deployment, with what nobody can tell of its events alone.

    Args:
        state: The deployment's.
        events: Its log's, whose fold that is.
        made: When the page is made.
    """
    from autodeploy import pages

    runs = applications.store().states(state.application, state.environment)
    interrupted = applications.is_interrupted(state, runs)
    return pages.view(state, events, _ways_from(state), made, interrupted=interrupted)


def _ways_from(state: DeploymentState) -> list[str]:
    """The commands that lead on from it; none from one that others have come after."""
    known = applications.find(state.application, state.environment)
    is_newest = state.id in {known.last.id, known.change.id if known.change else None}
    return ways.on(known) if is_newest else []
