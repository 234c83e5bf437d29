"""`env`: the variables that an application's processes have, and where each is from."""

from __future__ import annotations

from dataclasses import dataclass

from autodeploy import deployer
from autodeploy.conductor.again import live_again
from autodeploy.conductor.command import Environment
from autodeploy.conductor.read import look, with_what_it_brings
from autodeploy.contracts import ApplicationState
from autodeploy.recon import Talk
from autodeploy.settings import validated

DATABASE, CACHE = "AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup"


@dataclass(frozen=True)
class ShownVariable:
    """One variable.

    Attributes:
        name: Its name.
        value: Its value; None where that is secret, or known on the host alone.
        origin: `managed database`, `managed redis`, `autodeploy.yml:12`, or when a secret was set
            and by whom.
    """

    name: str
    value: str | None
    origin: str


def variables(
    known: ApplicationState, environment: Environment, profile: str | None, talk: Talk
) -> list[ShownVariable]:
    """All that the next release of what is live gets, by name; of nothing live the secrets alone.

    The repository is read for what it says at the commit that is live.

    Raises:
        ReconError: It cannot be read.
    """
    found: dict[str, ShownVariable] = {}
    if known.live:
        found = _of_the_commit(known, environment, profile, talk)
    for name, mark in (known.secrets.names if known.secrets else {}).items():
        found[name] = ShownVariable(name, None, f"secret of {mark.at:%Y-%m-%d %H:%M} by {mark.by}")
    return [found[name] for name in sorted(found)]


def _of_the_commit(
    known: ApplicationState, environment: Environment, profile: str | None, talk: Talk
) -> dict[str, ShownVariable]:
    _source, said, stack = look(live_again(known, profile), environment, talk)
    secrets = known.secrets.names if known.secrets else {}
    settings = validated(said)
    settings = with_what_it_brings(settings, {*settings.secrets, *secrets})
    found: dict[str, ShownVariable] = {}
    engine, kinds = settings.engine(settings.over(stack)), {one.type for one in known.resources}
    if settings.has_cache(settings.over(stack)) and CACHE in kinds:
        names = deployer.cache_names(stack)
        found |= {name: ShownVariable(name, None, "managed redis") for name in names}
    if engine and DATABASE in kinds:
        names = deployer.database_names(engine, stack)
        found |= {name: ShownVariable(name, None, "managed database") for name in names}
    for name, value in settings.env.items():
        found[name] = ShownVariable(name, value, said.origin(("env", name)) or "")
    return found
