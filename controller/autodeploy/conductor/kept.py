"""The place of an application's secrets: in Secrets Manager, or beside its SSH key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from pydantic import SecretStr

from autodeploy import deployer
from autodeploy.aws import Cloud, SecretVersions
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run
from autodeploy.contracts import SECRETS, SecretMark, SecretVersion
from autodeploy.journal import who
from autodeploy.journal.events import ResourceDone, ResourceIntended
from autodeploy.runner import VaultFile


class Kept(Protocol):
    """The place of an application's secrets. All calls raise CloudError or StateError.

    Attributes:
        kind: What it is, as CloudFormation names resources.
    """

    kind: str

    def get(self, version: str) -> dict[str, str]:
        """Values by name.

        Raises:
            SecretsLost: There is no such version any more.
        """
        ...

    def missing(self, version: str) -> str | None:
        """Why it cannot be read as things are, for people; None where it can. Changes nothing."""
        ...

    def put(self, version: str, number: int, values: Mapping[str, str]) -> str | None:
        """Keep another version, the newest ten at least; gives AWS's identifier of the place."""
        ...

    def find(self) -> str | None:
        """What the place is called, where it is there."""
        ...

    def delete(self) -> None:
        """Remove all versions, where there are any."""
        ...


def kept(command: Command, environment: Environment, cloud: Cloud | None, run: str) -> Kept:
    """Where they are: in Secrets Manager, or beside the SSH key.

    Args:
        command: Names the application.
        environment: Where the Conductor works.
        cloud: The door to its account; None where its hosts are the user's own.
        run: The id of the run that works on it.
    """
    if cloud is None:
        where = command.settings.environment
        return VaultFile(environment.store.application_folder(command.name, where))
    return _in_cloud(command, cloud, run)


def current(command: Command, cloud: Cloud, run: str) -> SecretVersion | None:
    """The version that the account calls current, where no journal tells which holds."""
    place = _in_cloud(command, cloud, run)
    found, identifier = place.current(), place.find()
    if found is None:
        return None
    version, values = found
    seen = SecretMark(at=datetime.now(UTC), by=who())
    names = dict.fromkeys(sorted(values), seen)
    return SecretVersion(version=version, number=1, id=identifier, names=names)


def values(place: Kept, known: SecretVersion | None) -> deployer.Secrets:
    """What a release is to run with."""
    if known is None:
        return deployer.Secrets()
    found = {name: SecretStr(value) for name, value in place.get(known.version).items()}
    return deployer.Secrets(known.version, found)


def remove(run: Run, place: Kept, known: SecretVersion | None) -> bool:
    """Remove all of them; whether there was anything."""
    found = place.find()
    if found is None and known is None:
        return False
    named = found or (known.id if known else None) or SECRETS
    event = {"key": SECRETS, "type": place.kind, "id": named}
    run.journal.write(ResourceIntended(action="delete", **event))
    place.delete()
    run.journal.write(ResourceDone(action="delete", **event))
    return True


def _in_cloud(command: Command, cloud: Cloud, run: str) -> SecretVersions:
    name = f"autodeploy/{command.name}/{command.settings.environment}/{SECRETS}"
    return SecretVersions(cloud, name, command.owner(run).tags(SECRETS))
