"""Another version of an application's secrets, and what its settings ask for.

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

from pydantic import SecretStr

from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.kept import Kept
from autodeploy.conductor.run import Run
from autodeploy.contracts import SECRETS, Action, PlannedAction, SecretMark, SecretVersion
from autodeploy.errors import SecretsLost, SecretsMissing, UsageError
from autodeploy.journal import newest_number, who
from autodeploy.journal.events import ResourceIntended, SecretsChanged
from autodeploy.provisioner.kinds import Secret
from autodeploy.settings import Settings

MOST_BYTES = 65_536
"""AWS takes no more in one secret."""


@dataclass(frozen=True)
class Change:
    """What is to be otherwise.

    Attributes:
        given: Values by name.
        gone: Names that have no value any more.
    """

    given: Mapping[str, SecretStr] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


def missing(settings: Settings, known: SecretVersion | None) -> list[str]:
    """Names that the settings ask for as secrets, and that nothing gives."""
    given = {*settings.env, *(known.names if known else ())}
    return [name for name in settings.secrets if name not in given]


def unknown(settings: Settings, known: SecretVersion | None) -> list[str]:
    """Those of them that only somebody can set."""
    return [one for one in missing(settings, known) if settings.secrets[one].generate is None]


def generated(settings: Settings, known: SecretVersion | None, command: Command) -> Change:
    """Values for what is missing.

    Raises:
        SecretsMissing: Only somebody can set some of them.
    """
    if unset := unknown(settings, known):
        raise SecretsMissing(
            f"{command.name} needs secrets that nobody has set: {', '.join(unset)}",
            remediation=f"`autodeploy secrets set {command.name} {unset[0]} "
            f"-e {settings.environment}{_place(settings)}` asks for its value; then deploy again.",
        )
    lengths = {name: settings.secrets[name].generate for name in missing(settings, known)}
    return Change(
        {name: SecretStr(random.token_urlsafe(n)[:n]) for name, n in lengths.items() if n}
    )


def planned(settings: Settings, known: SecretVersion | None) -> PlannedAction | None:
    """What a deployment does to what keeps them in AWS; None where there is nothing to keep. Pure.

    Args:
        settings: All settings.
        known: The version that holds.
    """
    new = missing(settings, known)
    if known is None and not new:
        return None
    names = sorted({*new, *(known.names if known else ())})
    reason = f"keeps {', '.join(names)}"
    action = Action.NONE
    if known is None:
        action = Action.CREATE
    elif new:
        action, reason = Action.UPDATE, f"gets {', '.join(new)}"
    found = known.id if known else None
    return PlannedAction(key=SECRETS, type=Secret.type, action=action, reason=reason, id=found)


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
    number = 1 + newest_number(environment.store.states(*_whose(run)))
    action = "update" if known else "create"
    run.journal.write(ResourceIntended(action=action, key=SECRETS, type=place.kind, token=version))
    identifier = place.put(version, number, after)
    marks = known.names if known else {}
    new = SecretMark(at=now, by=who())
    names = {one: marks[one] if before.get(one) == after[one] else new for one in sorted(after)}
    made = SecretVersion(version=version, number=number, id=identifier, names=names)
    run.journal.write(SecretsChanged(secrets=made))
    return made


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


def _whose(run: Run) -> tuple[str, str]:
    return run.journal.state.application, run.journal.state.environment


def _place(settings: Settings) -> str:
    """The options that say where it is to be: nothing may be known of it yet."""
    region = f" --region {settings.region}" if settings.region else ""
    return f" --target {settings.target}{region}"
