"""An application's releases as people count them: v1, v2, ... Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from autodeploy.conductor.way import differing, what
from autodeploy.contracts import (
    ApplicationState,
    DeploymentConfig,
    DeploymentState,
    DeploymentStatus,
    SecretVersion,
)
from autodeploy.errors import RollbackRefused
from autodeploy.journal import since_last_removed

SHORT = 7
"""So much of a commit tells it from others."""


class Standing(StrEnum):
    """What has become of a release."""

    LIVE = "live"
    KEPT = "can be rolled back to"
    UNDONE = "rolled back"
    PAST = "past"


@dataclass(frozen=True)
class Release:
    """One version of an application.

    Attributes:
        version: Counted from 1 since the application was made.
        run: The deployment that made it.
        config: What it runs.
        standing: What has become of it.
        changes: What is otherwise than in the one before, in words.
    """

    version: int
    run: DeploymentState
    config: DeploymentConfig
    standing: Standing
    changes: tuple[str, ...]


def releases(runs: Sequence[DeploymentState], known: ApplicationState) -> list[Release]:
    """Every release that has taken traffic, the oldest first.

    Args:
        runs: All runs of the application, oldest first.
        known: What they together left.
    """
    since = since_last_removed(runs)
    made = [run for run in since if run.operation == "deploy" and run.changed and _served(run)]
    live, kept = _maker(made, known.live), _kept(made, known)
    secrets = {one.version: one for run in since if (one := run.secrets)}
    return [
        Release(number, run, config, _standing(run, live, kept), changes)
        for number, (run, changes) in enumerate(_with_changes(made, secrets), 1)
        if (config := run.deployment)
    ]


def release_called(
    said: str | None, runs: Sequence[DeploymentState], known: ApplicationState
) -> str | None:
    """The release that is meant: `v8` is the eighth of `releases`; all else is its own name."""
    named = {f"v{one.version}": one.config.release for one in releases(runs, known)}
    return named.get(said, said) if said else None


def _served(run: DeploymentState) -> bool:
    completed = run.status is DeploymentStatus.COMPLETED or run.had_completed
    return completed and run.deployment is not None


def _with_changes(
    made: Sequence[DeploymentState], secrets: Mapping[str, SecretVersion]
) -> Iterator[tuple[DeploymentState, tuple[str, ...]]]:
    if made:
        yield made[0], ("the first",)
    for before, run in pairwise(made):
        yield run, tuple(_changes(before, run, secrets)) or ("made again",)


def _changes(
    before: DeploymentState, run: DeploymentState, secrets: Mapping[str, SecretVersion]
) -> Iterator[str]:
    then, now = before.deployment, run.deployment
    told = [*_of_the_source(before, run), *_of_the_settings(before, run)]
    if then and now:
        told += _of_the_release(then, now, secrets)
    yield from told
    if len(before.hosts) != len(run.hosts):
        yield f"hosts: {len(before.hosts)} to {len(run.hosts)}"
    replaced = run.command.replaces if run.command else ()
    if names := [host.name for host in before.hosts if host.instance_id in replaced]:
        yield f"another host for {', '.join(names)}"
    if not told and then and now and then.fingerprint != now.fingerprint:
        yield "variables"


def _of_the_source(before: DeploymentState, run: DeploymentState) -> Iterator[str]:
    if before.commit != run.commit:
        yield f"commit {_short(before.commit)} to {_short(run.commit)}"
    elif before.artifact != run.artifact:
        yield "another build"


def _of_the_settings(before: DeploymentState, run: DeploymentState) -> Iterator[str]:
    # What its hosts are made from holds whether it is said again or not.
    one, other = ({**each.host_settings, **each.settings} for each in (before, run))
    said = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    if said:
        yield f"settings: {', '.join(said)}"
    if named := sorted(name for name, _mark in before.variables.items() ^ run.variables.items()):
        yield f"variables: {', '.join(dict.fromkeys(named))}"


def _of_the_release(
    then: DeploymentConfig, now: DeploymentConfig, secrets: Mapping[str, SecretVersion]
) -> Iterator[str]:
    one, other = (secrets.get(config.secrets or "") for config in (then, now))
    if names := differing(one, other):
        yield f"secrets: {', '.join(names)}"
    if now.restart not in {None, then.restart}:
        yield "restarted"


def _short(commit: str | None) -> str:
    return commit[:SHORT] if commit else "none"


def _maker(made: Sequence[DeploymentState], run: DeploymentState | None) -> str | None:
    """The id of the run that made this one's release: the newest of those that did, until then."""
    release = run.deployment.release if run and run.deployment else None
    those = [
        one.id
        for one in made
        if one.status is DeploymentStatus.COMPLETED
        and one.deployment
        and one.deployment.release == release
        and run
        and one.id <= run.id
    ]
    return those[-1] if those else None


def _standing(run: DeploymentState, live: str | None, kept: set[str | None]) -> Standing:
    if run.id == live:
        return Standing.LIVE
    if run.id in kept:
        return Standing.KEPT
    return Standing.PAST if run.status is DeploymentStatus.COMPLETED else Standing.UNDONE


def _kept(made: Sequence[DeploymentState], known: ApplicationState) -> set[str | None]:
    """The ids of the runs that made what a rollback can lead to now."""
    kept: set[str | None] = set()
    for one in known.earlier:
        with suppress(RollbackRefused):
            what(known, one.deployment.release if one.deployment else None)
            kept.add(_maker(made, one))
    return kept
