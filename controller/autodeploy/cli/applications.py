"""What this machine knows of applications; imports nothing that deploys."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import click

from autodeploy import paths
from autodeploy.cli import options, output
from autodeploy.contracts import ApplicationState, DeploymentState, DeploymentStatus
from autodeploy.errors import NotDeployed, NotTheNewest
from autodeploy.journal import BucketStore, DirectoryStore, Store
from autodeploy.settings import Settings, load

GOES_ON = frozenset(
    {DeploymentStatus.PENDING, DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK}
)
"""What says that somebody works on it."""


def store() -> Store:
    """Where `--state` or AUTODEPLOY_STATE says, else this machine's folder.

    Raises:
        UsageError: It is no such place.
    """
    settings = _settings()
    where = _place(settings)
    home = paths.private_folder(paths.home())
    found = _opened(where, settings.region, settings.profile, home) if where else _here(home)
    found.say = output.say
    return found


def place() -> str | None:
    """Where in S3 the state is, `BUCKET` or `BUCKET/PREFIX`; None where it is in a folder."""
    return _place(_settings())


def _place(settings: Settings) -> str | None:
    return settings.state.removeprefix("s3://").rstrip("/") if settings.state else None


def _settings() -> Settings:
    """Those that say where the state is, and who opens it."""
    context = click.get_current_context(silent=True)
    said = {"state": context.meta.get(options.STATE), **context.params} if context else {}
    flags = {name: said.get(name) for name in ("state", "profile")}
    return load(flags)


@cache
def _here(home: Path) -> Store:
    """Once for each command: what it has read it need not read again."""
    return DirectoryStore(home)


@cache
def _opened(place: str, region: str | None, profile: str | None, home: Path) -> Store:
    """Once for each command: a client takes a third of a second to make."""
    # Most have no bucket, and boto3 takes a tenth of a second to import.
    from autodeploy.aws import Cloud, S3Bucket, SecretsVault

    bucket, _, prefix = place.partition("/")
    cloud = Cloud(region=region, profile=profile)
    cloud.guard = lambda: None  # The lease, which gives the right to change others, is kept here.
    door = S3Bucket(cloud, bucket, prefix)
    return BucketStore(door, SecretsVault(cloud, door.region), home / "buckets" / place)


def find_by(called: str, environment_name: str) -> ApplicationState:
    """What is known of the application of this name, or of the one whose newest change has this id.

    Raises:
        NotDeployed: Nothing is.
        NotTheNewest: The id is another deployment's.
    """
    if called not in store().ids():
        return find(called, environment_name)
    run = store().state(called)
    known = find(run.application, run.environment)
    if known.change is None or known.change.id != called:
        change = known.change.id if known.change else "none that is left"
        raise NotTheNewest(
            f"{called} is not the newest change of {run.application}: that is {change}"
        )
    return known


def is_interrupted(run: DeploymentState, others: Iterable[DeploymentState] = ()) -> bool:
    """Whether a run was ended by the end of its process: who works now, works on the newest.

    Args:
        run: The run.
        others: Its application's, where it may not be the newest of them.
    """
    if run.status not in GOES_ON:
        return False
    if any(one.id > run.id and one.status in GOES_ON for one in others):
        return True
    return store().holder(run.application, run.environment) is None


def find(name: str, environment_name: str) -> ApplicationState:
    """What is known of an application.

    Raises:
        NotDeployed: Nothing is.
    """
    found = store().application(name, environment_name)
    if found is None and name[:1].isdigit():  # An id begins so, and no name does.
        raise NotDeployed(f"there is no deployment {name}")
    if found is None:
        known = ", ".join(f"{one} ({where})" for one, where in store().applications())
        raise NotDeployed(
            f"no application {name} in environment {environment_name}",
            cause=f"known are: {known}" if known else "nothing was deployed from here yet",
        )
    return found


def wanted(live: DeploymentState | None) -> dict[str, int]:
    """How many of each process of a release are to run on each host; `worker-2` is a worker."""
    said = live.settings.get("scale", {}) if live else {}
    return {
        name: said.get(name, 1) for name in (live.stack.processes if live and live.stack else ())
    }


def named(one: ApplicationState | DeploymentState) -> str:
    """An application as a command line says it: the environment only where it is another one."""
    other = "" if one.environment == "production" else f" -e {one.environment}"
    return f"{one.application}{other}"
