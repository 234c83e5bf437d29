"""`autodeploy destroy`."""

from __future__ import annotations

import click

from autodeploy.cli import options, outcome, output, ways
from autodeploy.contracts import ApplicationState
from autodeploy.words import number_of

DATABASE, CACHE = "AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup"


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.profile
@options.lock_wait
@options.yes
@options.as_json
def destroy(
    *,
    application: str,
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Remove APPLICATION: everything that is tagged with it is gone afterwards.

    Hosts that were there before it stay, without it.

    \b
    Examples:
      autodeploy destroy shop -e staging
      autodeploy destroy shop --yes --json
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find(application, environment or "production")
    options.confirm(question(known), yes=yes)
    settings = wiring.settings_of(known, profile, lock_wait)
    command = conductor.Command(repository=None, name=application, flags={}, settings=settings)
    state = conductor.destroy(command, wiring.environment(settings))
    if as_json:
        output.document(ways.data(state))
    outcome.removed(state)
    return output.exit_code(state)


def question(known: ApplicationState) -> str:
    """What is asked before anything is removed."""
    secrets = f" and its {number_of(len(known.secrets.names), 'secret')}" if known.secrets else ""
    return f"Remove {known.application} ({known.environment}){secrets}{what_goes(known)}?"


def what_goes(known: ApplicationState) -> str:
    """What goes with an application, as the end of a sentence."""
    if known.target == "ssh":
        hosts = ", ".join(host.address for host in known.occupied) or "no host"
        return f" and its data from {hosts}"
    kinds = {one.type: one.id for one in known.resources}
    database, cache = kinds.get(DATABASE), kinds.get(CACHE)
    resources = f" with its {number_of(len(known.resources), 'resource')}"
    kept = f" and the data in {database}, of which a last snapshot is kept" if database else ""
    lost = f" and what is in the Redis {cache}, of which nothing is kept" if cache else ""
    return f"{resources}{kept}{lost}"
