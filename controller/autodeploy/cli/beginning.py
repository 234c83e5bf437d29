"""What `autodeploy` alone says: what to do next, by what is here. Asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autodeploy.cli.names import heads
from autodeploy.printable import printable

SHOWN = 3
MARKS = (
    *(".git", "autodeploy.yml", "Dockerfile", "Procfile", "package.json", "requirements.txt"),
    *("pyproject.toml", "go.mod", "Gemfile", "app.py", "index.html"),
)
"""One of them, and the folder is most probably to be deployed; `analyze` knows better."""


def here() -> list[str]:
    """The lines for this machine and this folder."""
    known = dict.fromkeys((name, where) for _id, name, where in heads())
    return lines(list(known), is_repository=any(Path(mark).exists() for mark in MARKS))


def lines(known: Sequence[tuple[str, str]], *, is_repository: bool) -> list[str]:
    """What to do next.

    Args:
        known: The applications and their environments, the newest first.
        is_repository: Whether the folder here can be deployed.
    """
    what = "." if is_repository else "https://github.com/you/app"
    steps = [
        (f"autodeploy status {_named(*one)}", "how it is now, and what comes next")
        for one in known[:SHOWN]
    ]
    if len(known) > SHOWN:
        steps.append(("autodeploy status", f"all {len(known)} applications"))
    if is_repository or not known:
        steps += [
            (f"autodeploy analyze {what}", "what it is made of, and why"),
            (f"autodeploy deploy {what} --target lab", "run it on this machine"),
            (f"autodeploy plan {what} --target aws", "what AWS would have, and its cost"),
        ]
    steps.append(("autodeploy --help", "all commands"))
    width = max(len(command) for command, _ in steps)
    return ["Next:", *(f"  {command:<{width}}  {why}" for command, why in steps)]


def _named(name: str, where: str) -> str:
    other = "" if where == "production" else f" -e {where}"
    return printable(f"{name}{other}")
