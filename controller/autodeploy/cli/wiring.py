"""Where commands get their Environment from; the only place that knows all targets."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from autodeploy import paths, recon
from autodeploy.aws import Cloud
from autodeploy.cli import applications, existing, labtalk
from autodeploy.cli.names import VOICE
from autodeploy.cli.output import asked
from autodeploy.cli.progress import listener
from autodeploy.compiler.kept import hold
from autodeploy.conductor import Command, Environment
from autodeploy.contracts import ApplicationState
from autodeploy.errors import StateError
from autodeploy.settings import Acme, Settings, load


def environment(settings: Settings) -> Environment:
    """Where the Conductor works, for these settings.

    Raises:
        StateError: Nothing can be written there.
    """
    home = paths.private_folder(paths.home())
    paths.refuse_unwritable(home)
    return _environment(settings, _kept(home))


def onlooker(settings: Settings) -> Environment:
    """The same for what changes nothing: also where nothing can be written."""
    return _environment(settings, cache())


def cache() -> Path:
    """The folder of what builds keep; where nothing can be written, one that this command has."""
    home = paths.private_folder(paths.home())
    try:
        paths.refuse_unwritable(home)
    except StateError:
        own = tempfile.TemporaryDirectory(prefix="autodeploy-")
        return Path(click.get_current_context().with_resource(own))
    return _kept(home)


def _kept(home: Path) -> Path:
    kept = paths.private_folder(home / "cache")
    hold(kept)
    return kept


def _environment(settings: Settings, cache: Path) -> Environment:
    debug = click.get_current_context().find_root().obj
    return Environment(
        store=applications.store(),
        cache=cache,
        open_cloud=cloud_of(settings),
        authority=authority_of(settings),
        acme=acme_of(settings),
        listener=listener(),
        on_error=traceback.print_exception if debug else lambda _error: None,
    )


def cloud_of(settings: Settings) -> Callable[[], Cloud]:
    """What opens the door to the target's API; for the lab it starts the lab if need be."""
    voice = asked(VOICE)

    def lab() -> Cloud:
        from autodeploy.lab import client

        with labtalk.told(voice):
            up = client.up()
        return Cloud(region=settings.region or up.region, endpoint_url=up.endpoint_url)

    def aws() -> Cloud:
        return Cloud(region=settings.region, profile=settings.profile)

    return lab if settings.target == "lab" else aws


def authority_of(settings: Settings) -> Path | None:
    """The file of the lab's certificate authority, for the lab; AWS's is everybody's."""
    if settings.target != "lab":
        return None
    from autodeploy.lab import client

    return client.authority()


def acme_of(settings: Settings) -> Acme:
    """Who signs certificates on the target: the lab's own authority, else Let's Encrypt."""
    if settings.target != "lab":
        return Acme()
    from autodeploy.lab import acme

    return Acme(server=acme.DIRECTORY)


def settings_of(
    known: ApplicationState, profile: str | None, lock_wait: int | None = None
) -> Settings:
    """The settings that say where an application lives, and who works on it and how."""
    where = {"target": known.target, "region": known.region, "environment": known.environment}
    return load({**where, "profile": profile, "lock_wait": lock_wait})


def command_for(
    repository: str, ref: str | None, path: str | None, flags: dict[str, Any]
) -> Command:
    """The command on a repository; its form is checked before anything is done.

    Where nothing says the target, an application that is up stays where it is, on its hosts.

    Raises:
        SourceRefused: The address is not accepted.
        UsageError: A setting is not valid.
    """
    accepted = recon.validate(repository)
    flags = existing.implied(flags)
    settings = load(flags)
    name = settings.name or recon.default_name(accepted, path)
    store = applications.store()
    there = store.application(name, settings.environment)
    flags = existing.stays(flags, there)
    existing.refuse_elsewhere(store, name, load(flags))
    if there:
        folder = store.application_folder(name, settings.environment)
        flags = existing.remembered(flags, load(flags), there, folder)
    settings = load(flags)
    existing.check(settings)
    return Command(
        repository=accepted, name=name, flags=flags, settings=settings, ref=ref, path=path
    )
