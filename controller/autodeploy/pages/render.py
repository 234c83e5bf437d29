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
    return rendered("report.html.j2", page=page, tiles=list(tiles(page)), made=page.made)


def rendered(template: str, **values: Any) -> str:
    """The template, with these values."""
    return _environment().get_template(template).render(values)


def digest(name: str) -> str:
    """What a page's policy knows a style or a script of ours by."""
    found = hashlib.sha256(_file(name).encode()).digest()
    return f"sha256-{base64.b64encode(found).decode()}"


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
    made.globals.update(asset=_asset, digest=digest)
    made.filters.update(duration=duration, tick=tick)
    return made


def _shown(value: Any) -> Any:
    """Text without what steers a reader's eye (marks of direction, controls), and bounded."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(cut(value, LINE * 2))
    return value


def _asset(name: str) -> Markup:
    """A style or a script of ours, as it stands in a page."""
    return Markup(_file(name))  # noqa: S704 - ours


@cache
def _file(name: str) -> str:
    return (TEMPLATES / name).read_text()
