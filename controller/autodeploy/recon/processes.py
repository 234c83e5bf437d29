"""Procfile: the repository's own word on its processes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import Tree

MAX_PROCESSES = 50
ENTRY = re.compile(r"(?P<name>[A-Za-z0-9_-]+)[ \t]*:[ \t]*(?P<command>\S.*)")


def procfile(tree: Tree) -> dict[str, Fact]:
    """The commands by process name; `release` and `web` among them. The last of a name wins."""
    file = tree.read("Procfile")
    found: dict[str, Fact] = {}
    for number, line in enumerate(file.text.splitlines() if file else (), 1):
        entry = ENTRY.fullmatch(line.strip())
        command = "".join(_until_comment(entry["command"])).strip() if entry else ""
        if entry and command and len(found) < MAX_PROCESSES:
            found[entry["name"]] = Fact(command, "Procfile", number)
    return found


def _until_comment(command: str) -> Iterator[str]:
    """The characters before a ` #` that stands outside quotes, as a shell reads it."""
    quote, before = "", " "
    for one in command:
        if one == "#" and not quote and before.isspace():
            return
        if one in "'\"" and before != "\\":
            quote = "" if one == quote else quote or one
        before = one
        yield one
