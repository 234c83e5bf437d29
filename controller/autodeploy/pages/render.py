"""The view model → one HTML file that needs nothing else: no network, no script to be read."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autodeploy.pages.duration import duration, tick
from autodeploy.pages.log import LINE, cut
from autodeploy.pages.model import Page
from autodeploy.pages.view import tiles
from autodeploy.printable import printable

TEMPLATES = Path(__file__).parent / "templates"


def html(page: Page) -> str:
    """The page. Whatever is in the model, it ends as text."""
    return _environment().get_template("report.html.j2").render(page=page, tiles=tiles(page))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    style, script = _file("report.css"), _file("report.js")
    made.globals.update(
        style=Markup(style),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        style_hash=_digest(style),
        script_hash=_digest(script),
    )
    made.filters.update(duration=duration, tick=tick)
    return made


def _shown(value: Any) -> Any:
    """Text without what steers a reader's eye (marks of direction, controls), and bounded."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(cut(value, LINE * 2))
    return value


def _file(name: str) -> str:
    return (TEMPLATES / name).read_text()


def _digest(text: str) -> str:
    """What the page's policy knows its own style or script by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
