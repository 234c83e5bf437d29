"""A command as it was given before, on the same commit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from autodeploy.conductor.command import Command
from autodeploy.contracts import ApplicationState, CommandLine, DeploymentState, OnFailure
from autodeploy.errors import NotDeployed
from autodeploy.settings import IDENTITY, Settings, load, variable

ONCE = "harden"
"""The setting that is said for one command alone: who does not say it again has hosts hardened."""
NOTHING: Mapping[str, int | None] = MappingProxyType({})


def command_of(
    run: DeploymentState,
    said: CommandLine,
    profile: str | None,
    lock_wait: int | None,
    on_failure: OnFailure | None = None,
) -> Command:
    """The command that a run was begun with, on the commit that it has read.

    Args:
        run: The run.
        said: What its command line said.
        profile: The profile to use now; None for the same.
        lock_wait: Seconds to wait for another controller now.
        on_failure: What it is now to be; None for the same.
    """
    where = {"target": run.target, "region": run.region, "environment": run.environment}
    from_environment = {one: run.settings[one] for one in said.environ if one in run.settings}
    flags = {**from_environment, **said.flags, **where, "name": run.application}
    flags["profile"] = profile or flags.get("profile")
    flags["lock_wait"] = lock_wait
    environ = _of_then(said)
    return Command(
        repository=run.repository,
        name=run.application,
        flags=flags,
        settings=load(flags, environ=environ),
        ref=run.commit or said.ref,
        path=said.path,
        yes_data=said.yes_data,
        refresh=said.refresh,
        restarts=said.restarts,
        replaces=said.replaces,
        on_failure=on_failure or said.on_failure,
        environ=environ,
    )


def live_again(
    known: ApplicationState,
    profile: str | None,
    lock_wait: int | None = None,
    *,
    restarts: bool = False,
    replaces: tuple[str, ...] = (),
    scale: Mapping[str, int | None] = NOTHING,
) -> Command:
    """The command that makes another release of what is live; it agrees to no loss of data.

    Args:
        known: The application.
        profile: The profile to use now; None for the same.
        lock_wait: Seconds to wait for another controller.
        restarts: Whether it does though nothing has changed.
        replaces: AWS's identifiers of hosts that others take the place of.
        scale: How many of a process are to run on each host, by process; None where that is no
            longer said here.

    Raises:
        NotDeployed: Nothing is, or its log does not say how it was deployed.
    """
    live = known.live
    if live is None or live.command is None:
        raise NotDeployed(
            f"{known.application} ({known.environment}) has no release that could be made again",
            remediation="Deploy it: `autodeploy deploy REPOSITORY`.",
        )
    flags = {name: one for name, one in live.command.flags.items() if name != ONCE}
    now = {ONCE} if os.environ.get(variable(ONCE)) else set()
    said = live.command.model_copy(
        update={
            "yes_data": False,
            "refresh": False,
            "restarts": restarts,
            "replaces": replaces,
            "flags": {**flags, "scale": _scaled(live, scale)},
            "environ": tuple(sorted({*live.command.environ} - {ONCE} | now)),
        }
    )
    then = {name: one for name, one in live.settings.items() if name != ONCE}
    return command_of(live.model_copy(update={"settings": then}), said, profile, lock_wait)


def _scaled(live: DeploymentState, scale: Mapping[str, int | None]) -> dict[str, int]:
    """What `scale` has said then and now."""
    return {name: one for name, one in {**live.scaled, **scale}.items() if one is not None}


def otherwise(run: DeploymentState, command: Command) -> Iterator[str]:
    """What a run was told that is not known any more, and what it was not told, for people."""
    said = run.command or CommandLine()
    gone = sorted(set(said.environ) - command.settings.model_fields_set)
    if gone:
        names = ", ".join(map(variable, gone))
        yield f"{names}: set then, not now; their values are not kept"
    ours = map(variable, sorted(Settings.model_fields))
    new = [name for name in ours if os.environ.get(name) and name not in command.environ]
    if new:
        yield f"{', '.join(new)}: set now, not then; it goes by what was said then"
    if said.had_credentials:
        yield "the credentials in the repository's address are not kept: git's own helper has to"
    if run.commit is None and run.stack:
        yield f"{run.repository} is no git repository: taken as it is now"


def _of_then(said: CommandLine) -> dict[str, str]:
    """The variables that were set then too, and those that say how this machine works on it."""
    names = {variable(one) for one in {*said.environ, *IDENTITY}}
    return {name: value for name, value in os.environ.items() if name in names}
