"""A stack as a page for people: every fact with its grounds, and what says otherwise."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from autodeploy.cli import output
from autodeploy.contracts import Evidence, TechStack
from autodeploy.printable import printable

FACTS = (
    *("language", "framework", "package_manager", "runtime_version", "databases"),
    *("build_command", "output", "start_command", "release_command", "port", "health_path"),
    *("static_folders", "media_folders"),
)
# The contract's field and the name of its grounds, where they differ.
GROUNDS = {"static_folders": "static", "media_folders": "media"}
# Facts of which there may be several at once: the others are no losers.
PLURAL = frozenset({"databases", "static_folders", "media_folders"})


LONGEST = UNLIMITED = 300
MAX_ROWS = 100


def show(title: str, stack: TechStack) -> None:
    """Print the page.

    Args:
        title: What was looked at.
        stack: What Recon found.
    """
    console = output.console()
    console.print(plain(title, style="bold"))
    for part in _parts(stack):
        console.print(part)


def _parts(stack: TechStack) -> Iterator[Any]:
    if stack.language is None:
        yield "no ecosystem is recognised at the root of the repository"
    else:
        yield _facts(stack)
    for path in stack.unreadable:
        yield plain(f"{path} cannot be parsed: nothing in it counts", "yellow")
    for finding in stack.findings:
        yield plain(finding, "yellow")
    if any(name != "web" for name in stack.processes):
        yield table("process", "command", rows=stack.processes.items())
    if stack.variables:
        yield _variables(stack)
    if stack.members:
        yield _members(stack)


def _facts(stack: TechStack) -> Table:
    rows = table("fact", "value", "evidence", "confidence")
    for name in FACTS:
        said = _grounds(stack, name)
        if not said and name in ("output", "static_folders", "media_folders"):
            continue
        first = said[0] if said else None
        rows.add_row(
            name.replace("_", " "),
            plain(_value(stack, name)),
            plain(_place(first) if first else "-"),
            f"{first.confidence:.0%}" if first else "",
        )
        for word, other in _others(name, said):
            cells = (f"{word} {other.value}", _place(other), f"{other.confidence:.0%}")
            rows.add_row("", *(plain(cell, style="dim") for cell in cells))
    return rows


def _grounds(stack: TechStack, name: str) -> list[Evidence]:
    return [one for one in stack.evidence if one.fact == GROUNDS.get(name, name)]


def _others(name: str, said: list[Evidence]) -> Iterator[tuple[str, Evidence]]:
    """What else was said: more of the same, or what lost."""
    seen = {one.value for one in said[:1]}
    for one in said[1:MAX_ROWS]:
        if name in PLURAL or one.value not in seen:
            yield "also" if name in PLURAL else "not", one
        seen.add(one.value)


def _variables(stack: TechStack) -> Table:
    rows = table("variable", "value", "read in")
    for one in stack.variables[:MAX_ROWS]:
        said = [_place(each) for each in stack.evidence if _is_of(each, one.name)]
        need = "required" if one.required else "has a default" if one.default else "not known"
        rows.add_row(plain(one.name), need, plain(", ".join(said[:3])))
    return rows


def _is_of(evidence: Evidence, variable: str) -> bool:
    return evidence.fact == "variables" and evidence.value == variable


def _members(stack: TechStack) -> Table:
    rows = (
        (f"--path {one.path}", one.framework or one.language, one.file) for one in stack.members
    )
    return table("application", "is", "evidence", rows=rows)


def plain(text: str, style: str = "") -> Text:
    """A cell: printable, of bounded length, never markup."""
    return Text(printable(text if len(text) <= LONGEST else f"{text[:LONGEST]}..."), style=style)


def show_table(made: Table) -> None:
    """Print a table; where no terminal limits it, as wide as it is."""
    width = None if sys.stdout.isatty() else UNLIMITED
    output.console(width=width).print(made)


def table(*titles: str, rows: Any = ()) -> Table:
    """A table without lines; no cell steers the terminal."""
    made = Table(box=None, pad_edge=False)
    for title in titles:
        made.add_column(title, justify="right" if title == "confidence" else "left")
    for row in rows:
        made.add_row(*(plain(cell) for cell in row))
    return made


def _value(stack: TechStack, name: str) -> str:
    if name == "runtime_version":
        version = stack.runtime_version
        # Not what runs: a host whose own fits keeps it.
        is_wide = version.resolved not in {None, version.declared}
        resolved = f" (newest that fits: {version.resolved})" if is_wide else ""
        return f"{version.declared or 'not declared'}{resolved}"
    value = getattr(stack, name)
    if isinstance(value, dict):
        return ", ".join(f"{url} from {folder}" for url, folder in value.items()) or "none"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "-" if value is None else str(value)


def _place(one: Evidence) -> str:
    return f"{one.file}:{one.line}" if one.line else one.file
