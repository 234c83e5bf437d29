"""What is known here by name, read without what deploys: for completion and `autodeploy` alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from autodeploy import paths

EVENTS, VOICE = "autodeploy.events", "autodeploy.voice"
"""Where the context of a command keeps what `--events`, `-q` and `-v` have said."""
NEWEST = 500
"""So many deployments are looked at."""


def heads() -> list[tuple[str, str, str]]:
    """The (id, application, environment) of deployments of this machine, the newest first.

    Never an error: what cannot be read has no name here.
    """
    with suppress(OSError):
        folders = sorted((paths.home() / "deployments").iterdir(), reverse=True)[:NEWEST]
        return [(one.name, *found) for one in folders for found in _head(one / "events.jsonl")]
    return []


def _head(log: Path) -> Iterator[tuple[str, str]]:
    with suppress(OSError, ValueError, KeyError, TypeError), log.open("rb") as file:
        said = json.loads(file.readline())
        yield str(said["application"]), str(said["environment"])


def applications(context: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """The applications that begin so; with `-e`, those of the environment."""
    where = context.params.get("environment")
    return _begin(begun, (name for _id, name, one in heads() if where in {None, one}))


def applications_or_ids(context: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """The same, and the deployments' ids where a digit was typed."""
    ids = _begin(begun, (one for one, _name, _where in heads())) if begun[:1].isdigit() else []
    return applications(context, param, begun) + ids


def environments(context: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """The environments that begin so, of the application where it was named."""
    named = context.params.get("application")
    return _begin(begun, (where for _id, name, where in heads() if named in {None, name}))


def _begin(begun: str, found: Iterator[str]) -> list[str]:
    return [one for one in dict.fromkeys(found) if one.startswith(begun)]
