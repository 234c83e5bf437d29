"""What a rollback undoes, and where it leads. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from autodeploy.contracts import (
    BACKWARDS,
    ApplicationState,
    DeploymentConfig,
    DeploymentState,
    DeploymentStatus,
    Host,
    Resource,
    SecretVersion,
)
from autodeploy.errors import RollbackRefused, StateError


@dataclass(frozen=True)
class Switch:
    """Back to a release that has served before.

    Attributes:
        change: The deployment that is undone.
        before: The deployment whose release takes the traffic again.
        release: That release.
        present: The release that has the traffic now, where any has.
        migrations: Release commands that were begun since; what they did to data stays.
    """

    change: DeploymentState
    before: DeploymentState
    release: DeploymentConfig
    present: DeploymentConfig
    migrations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Removal:
    """Back to nothing: all that there is, is the work of the deployment that is undone.

    Attributes:
        change: That deployment.
        resources: Everything that goes, as far as it is known.
    """

    change: DeploymentState
    resources: tuple[Resource, ...]


def what(known: ApplicationState, release: str | None = None) -> Switch | Removal:
    """What would be undone, and what that leads to.

    Args:
        known: The application.
        release: The release to go back to; None for the one before.

    Raises:
        RollbackRefused: There is nothing that can be undone, or no such way.
    """
    change = known.change
    refuse_half_removed(known, RollbackRefused)
    if change is None:
        raise RollbackRefused(f"{known.application} has no deployment that could be undone")
    if release is None and not known.earlier:
        return _removal(known, change)
    return _switch(known, change, _before(known, change, release))


def secrets_back(
    way: Switch | Removal, known: ApplicationState, runs: Iterable[DeploymentState]
) -> list[str]:
    """Names of the secrets that have their value of then again, or none, after the way is gone.

    Those count too that were set since without a release. What a removal takes is none of them.

    Args:
        way: What `what` gives.
        known: The application.
        runs: All its runs.
    """
    if isinstance(way, Removal):
        return []
    versions = {one.version: one for run in runs if (one := run.secrets)}
    return differing(versions.get(way.release.secrets or ""), known.secrets)


def differing(one: SecretVersion | None, other: SecretVersion | None) -> list[str]:
    """Names of the secrets that are not the same in both."""
    then, now = (each.names if each else {} for each in (one, other))
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def refuse_half_removed(known: ApplicationState, refused: type[StateError]) -> None:
    """An application whose removal was begun can only go on to be removed.

    Raises:
        StateError: It was; of the class that is given.
    """
    last = known.last
    if last.operation == "destroy" and last.status is not DeploymentStatus.COMPLETED:
        raise refused(
            f"{known.application} is half removed since {last.id}",
            remediation=f"`autodeploy destroy {known.application} -e {known.environment}` "
            "goes on with that.",
        )


def _removal(known: ApplicationState, change: DeploymentState) -> Removal:
    if not known.is_first:
        raise RollbackRefused(
            f"{change.id} found what earlier deployments of {known.application} had made, "
            "and no release was before it",
            remediation=f"`autodeploy destroy {known.application} -e {known.environment}` "
            "removes all of it.",
        )
    return Removal(change, known.resources)


def _before(
    known: ApplicationState, change: DeploymentState, release: str | None
) -> DeploymentState:
    """The deployment to go back to."""
    resumed = change.rollback.leads_to if change.rollback and change.status in BACKWARDS else None
    if release is None:
        whole = {one.id: one for one in known.earlier}
        return whole.get(resumed or "", known.earlier[0])
    for one in known.earlier:
        if one.deployment and one.deployment.release == release:
            return one
    names = ", ".join(one.deployment.release for one in known.earlier if one.deployment)
    raise RollbackRefused(
        f"no release {release} of {known.application} has completed before {change.id}",
        cause=f"a rollback can lead to {names}" if names else "there is none that could serve",
    )


def _switch(known: ApplicationState, change: DeploymentState, before: DeploymentState) -> Switch:
    release = before.deployment
    if release is None:
        raise RollbackRefused(f"{before.id} has left no release that could serve")
    live = known.live.deployment if known.live else None
    since = tuple(one for id_, one in sorted(known.migrations.items()) if id_ > before.id)
    way = Switch(change, before, release, live or release, tuple(dict.fromkeys(since)))
    if _hosts(before.hosts) != _hosts(known.hosts):
        raise _refused(change, "the hosts are others than then")
    if _front(way.present) != _front(way.release):
        raise _refused(change, "clients reach it another way than then")
    return way


def _refused(change: DeploymentState, why: str) -> RollbackRefused:
    return RollbackRefused(
        f"{change.id} cannot be undone by a rollback: {why}",
        remediation="Deploy the commit of before: `autodeploy deploy REPO --ref COMMIT`.",
    )


def _hosts(hosts: Iterable[Host]) -> set[tuple[object, ...]]:
    return {(host.name, host.instance_id or (host.address, host.port)) for host in hosts}


def _front(config: DeploymentConfig) -> tuple[object, ...]:
    """How clients reach a release, but for an address that a host may get anew."""
    parts = urlsplit(config.url or "")
    named = parts.hostname if config.load_balancer else None
    return parts.scheme, parts.port, named, config.load_balancer
