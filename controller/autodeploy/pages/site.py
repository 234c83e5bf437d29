"""The pages of `autodeploy ui`, which look as the report does. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from autodeploy.errors import AutodeployError
from autodeploy.pages.live import Live
from autodeploy.pages.log import LINE, cut
from autodeploy.pages.model import Page
from autodeploy.pages.overview import ApplicationRow, RunRow
from autodeploy.pages.render import digest, rendered
from autodeploy.pages.view import tiles
from autodeploy.printable import printable


@dataclass(frozen=True)
class Unreadable:
    """An application whose state cannot be read, and why."""

    name: str
    environment: str
    error: AutodeployError


def policy() -> str:
    """The Content-Security-Policy of all of them: our styles and scripts alone, nothing outside."""
    styles = " ".join(f"'{digest(one)}'" for one in ("report.css", "ui.css"))
    scripts = " ".join(f"'{digest(one)}'" for one in ("report.js", "live.js"))
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def applications(
    rows: Sequence[ApplicationRow], unreadable: Sequence[Unreadable], made: datetime
) -> str:
    """All applications."""
    return rendered("applications.html.j2", rows=rows, unreadable=unreadable, made=made)


def deployments(
    name: str, environment: str, rows: Sequence[RunRow], left_out: int, made: datetime
) -> str:
    """The deployments of an application, of which so many older ones are left out."""
    called = {"name": name, "environment": environment}
    return rendered("deployments.html.j2", **called, rows=rows, left_out=left_out, made=made)


def deployment(page: Page, name: str, environment: str, live: Live | None) -> str:
    """A deployment's report; `live` while it runs."""
    called = {"name": name, "environment": environment}
    return rendered(
        "deployment.html.j2",
        page=page,
        tiles=list(tiles(page)),
        made=page.made,
        **called,
        live=live,
    )


def refusal(title: str, error: AutodeployError, made: datetime) -> str:
    """What happened, why, and what to do."""
    return rendered("refusal.html.j2", title=title, error=error, made=made)


def entry(to: str, made: datetime) -> str:
    """A page that leads on to another at once."""
    return rendered("entry.html.j2", to=to, made=made)


def data(live: Live) -> dict[str, Any]:
    """What a page is told while the deployment goes on; its text is as the report shows it."""
    lines = [
        {
            "time": one.time.strftime("%H:%M:%S") if one.time else "",
            "agent": printable(one.agent),
            "level": one.level,
            "text": printable(cut(one.text, LINE * 2)),
        }
        for one in live.log
    ]
    stages = [{**asdict(one), "name": printable(one.name)} for one in live.stages]
    return {"says": printable(live.says), "elapsed": live.elapsed, "stages": stages, "log": lines}
