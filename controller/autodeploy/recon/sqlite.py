"""SQLite's file where a release is: it is gone with the next one."""

from __future__ import annotations

import re

from autodeploy.contracts import Evidence
from autodeploy.recon.tree import Tree

SERVERS = frozenset({"postgresql", "mysql", "mongodb"})
OPENED = re.compile(
    r"django\.db\.backends\.sqlite3"
    r"|\bsqlite(?:\+\w+)?:///(?![/:])"
    r"|\bsqlite3\.connect\(\s*['\"](?![/:])"
    r"|\bnew\s+(?:sqlite3\.)?Database(?:Sync)?\(\s*['\"`](?![/:])"
    r"|\bsql(?:x)?\.Open\(\s*\"sqlite3?\",\s*\"(?![/:]|file:/)"
)
"""A path that is not absolute, nor in memory alone."""
SOURCES = (".py", ".js", ".mjs", ".cjs", ".ts", ".go")
ASIDE = re.compile(r"(^|[/_.])(tests?|spec|conftest|dev|development|local|examples?)([/_.]|$)")


def finding(tree: Tree, databases: tuple[str, ...]) -> str | None:
    """What is to be said of it; None where a server is there for what is to stay, or nothing is.

    Args:
        tree: The application, of which everything else is found: no more is read.
        databases: As in `TechStack`.
    """
    found = None if SERVERS & {*databases} else _opened(tree)
    if found is None:
        return None
    return (
        f"{found.file}:{found.line}: SQLite's file lies in the release's folder, as it seems: "
        "the next release begins without it, and no other host has it. Let a variable "
        "say a path below /srv/APP/shared, or use PostgreSQL"
    )


def beside(tree: Tree, databases: tuple[str, ...]) -> tuple[Evidence, ...]:
    """Where it is opened though there is a server too; arguments as in `finding`."""
    found = _opened(tree) if SERVERS & {*databases} else None
    return (found,) if found else ()


def _opened(tree: Tree) -> Evidence | None:
    for file in tree.known():
        if file.path.endswith(SOURCES) and not ASIDE.search(file.path):
            for _found, line in file.matches(OPENED):
                return Evidence(
                    fact="databases", value="sqlite", file=file.path, line=line, confidence=0.5
                )
    return None
