"""An application's secrets: where their values are, and which version of them holds.

The journal says which holds, with the names alone. A version is kept before the journal names it,
so what a crash leaves is one that nobody asks for, and the next change takes its place.
"""

from __future__ import annotations

import json
import secrets as random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from pydantic import SecretStr

from autodeploy import deployer
from autodeploy.aws import Cloud, SecretVersions
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run
from autodeploy.contracts import SECRETS, SecretMark, SecretVersion
from autodeploy.errors import SecretsLost, SecretsMissing, UsageError
from autodeploy.journal import who
from autodeploy.journal.events import ResourceDone, ResourceIntended, SecretsChanged
from autodeploy.runner import VaultFile
from autodeploy.settings import Settings

MOST_BYTES = 65_536
"""AWS takes no more in one secret."""


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

    def put(self, version: str, number: int, values: Mapping[str, str]) -> str | None:
        """Keep another version, the newest ten at least; gives AWS's identifier of the place."""
        ...

    def find(self) -> str | None:
        """What the place is called, where it is there."""
        ...

    def delete(self) -> None:
        """Remove all versions, where there are any."""
        ...


@dataclass(frozen=True)
class Change:
    """What is to be otherwise.

    Attributes:
        given: Values by name.
        gone: Names that have no value any more.
    """

    given: Mapping[str, SecretStr] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


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
    return SecretVersion(version=version, number=0, id=identifier, at=seen.at, names=names)


def values(place: Kept, known: SecretVersion | None) -> deployer.Secrets:
    """What a release is to run with."""
    if known is None:
        return deployer.Secrets()
    found = {name: SecretStr(value) for name, value in place.get(known.version).items()}
    return deployer.Secrets(known.version, found)


def missing(settings: Settings, known: SecretVersion | None) -> list[str]:
    """Names that the settings ask for as secrets, and that nothing gives."""
    given = {*settings.env, *(known.names if known else ())}
    return [name for name in settings.secrets if name not in given]


def generated(settings: Settings, names: list[str], command: Command) -> Change:
    """Values for what is missing.

    Raises:
        SecretsMissing: Nobody can make some of them but the user.
    """
    lengths = {name: settings.secrets[name].generate for name in names}
    unknown = [name for name, length in lengths.items() if length is None]
    if unknown:
        raise SecretsMissing(
            f"{command.name} needs secrets that nobody has set: {', '.join(unknown)}",
            remediation=f"`autodeploy secrets set {command.name} {unknown[0]} "
            f"-e {settings.environment}{_place(settings)}` asks for its value; then deploy again.",
        )
    return Change(
        {name: SecretStr(random.token_urlsafe(n)[:n]) for name, n in lengths.items() if n}
    )


def change(
    run: Run, environment: Environment, place: Kept, known: SecretVersion | None, wanted: Change
) -> SecretVersion | None:
    """Keep another version where it is otherwise; gives the one that holds then.

    Args:
        run: In whose log it is said.
        environment: Where.
        place: Where values are.
        known: The version that holds.
        wanted: What is to be otherwise.

    Raises:
        UsageError: It is too much.
        SecretsLost: The values of others are not kept any more.
    """
    before = _before(place, known, wanted)
    given = {name: one.get_secret_value() for name, one in wanted.given.items()}
    after = {name: one for name, one in {**before, **given}.items() if name not in wanted.gone}
    if known and after == before:
        return known
    _refuse_too_much(after)
    version, now = str(uuid.uuid4()), datetime.now(UTC)
    number = 1 + _changes(environment, run)
    action = "update" if known else "create"
    run.journal.write(ResourceIntended(action=action, key=SECRETS, type=place.kind, token=version))
    identifier = place.put(version, number, after)
    marks = known.names if known else {}
    new = SecretMark(at=now, by=who())
    names = {one: marks[one] if before.get(one) == after[one] else new for one in sorted(after)}
    made = SecretVersion(version=version, number=number, id=identifier, at=now, names=names)
    run.journal.write(SecretsChanged(secrets=made))
    return made


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


def _before(place: Kept, known: SecretVersion | None, wanted: Change) -> dict[str, str]:
    """The values that hold; of those that are lost none is needed where all are said anew."""
    if known is None:
        return {}
    try:
        return place.get(known.version)
    except SecretsLost:
        if known.names.keys() - wanted.given.keys() - wanted.gone:
            raise
        return {}


def _refuse_too_much(said: Mapping[str, str]) -> None:
    size = len(json.dumps(dict(said)).encode())
    if size > MOST_BYTES:
        raise UsageError(
            f"the secrets take {size} bytes together, and {MOST_BYTES} is the most",
            remediation="Keep what is large elsewhere, such as in a bucket, and a reference here.",
        )


def _changes(environment: Environment, run: Run) -> int:
    """The number of the newest version that a run of this application has made."""
    state = run.journal.state
    runs = environment.store.states(state.application, state.environment)
    return max((one.secrets.number for one in runs if one.secrets), default=0)


def _place(settings: Settings) -> str:
    return "" if settings.target == "aws" else f" --target {settings.target}"
