"""`autodeploy hosts replace` and `upgrade`."""

from __future__ import annotations

from dataclasses import asdict

import click

from autodeploy.cli import again, applications, options, outcome, output, ways
from autodeploy.contracts import ApplicationState, DeploymentState, Host


@click.command()
@click.argument("application", shell_complete=options.applications)
@click.argument("name", required=False)
@options.environment
@options.profile
@options.lock_wait
@options.yes
@options.as_json
def replace(
    *,
    application: str,
    name: str | None,
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Put new hosts in the place of APPLICATION's hosts, one after another; or of host NAME.

    The new one is made, has the live release and serves before the old one goes, with what is on
    its disk. An old one may be broken or gone. Behind a load balancer no request is lost; without
    one the application's address becomes another. A release of before had other hosts, so that no
    `rollback` leads to it.

    \b
    Examples:
      autodeploy hosts replace shop host-2
      autodeploy hosts replace shop --yes
    """
    from autodeploy import conductor

    known = applications.find(application, environment or "production")
    chosen = conductor.replaceable(known, name)
    options.confirm(_question(known, chosen), yes=yes)
    done: list[DeploymentState] = []
    for host in chosen:
        output.say(f"another host in the place of {host.name} ({host.address})")
        known = applications.find(application, known.environment)
        replaces = (host.instance_id,) if host.instance_id else ()
        done.append(again.release(known, profile, lock_wait, replaces=replaces))
        if done[-1].error:
            break
    if as_json:
        output.document([ways.data(state) for state in done])
    outcome.show(done[-1], as_json=as_json)
    return output.deployment_exit_code(done[-1])


def _question(known: ApplicationState, chosen: list[Host]) -> str:
    names = ", ".join(host.name for host in chosen)
    running = known.live.deployment if known.live else None
    moves = running and running.url and not running.load_balancer
    address = "; clients reach it at another address then" if moves else ""
    return (
        f"Replace {names} of {known.application} ({known.environment}), "
        f"with what is on the disks{address}; `rollback` leads to no release of before then?"
    )


@click.command()
@click.argument("application", shell_complete=options.applications)
@click.argument("name", required=False)
@click.option("--reboot", is_flag=True, help="Reboot also where no package asks for it.")
@options.environment
@options.profile
@options.lock_wait
@options.as_json
def upgrade(
    *,
    application: str,
    name: str | None,
    reboot: bool,
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    as_json: bool,
) -> None:
    """Bring the packages of APPLICATION's hosts up to date, one host after another; or of NAME.

    A host leaves its load balancer, is upgraded, rebooted where need be, and comes in again once
    it answers: no request is lost. A host alone is away while it reboots. Where one does not come
    back, those after it are let be.

    \b
    Examples:
      autodeploy hosts upgrade shop
      autodeploy hosts upgrade shop host-2 --reboot
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    settings = wiring.settings_of(known, profile, lock_wait)
    command = conductor.Command(repository=None, name=application, flags={}, settings=settings)
    done = conductor.upgrade(command, wiring.environment(settings), name, reboots=reboot)
    if as_json:
        output.document([asdict(one) for one in done])
    for one in done:
        what = "upgraded" if one.upgraded else "has the newest packages"
        output.say(f"{one.host}: {what}{', rebooted' if one.rebooted else ''}")


COMMANDS = (replace, upgrade)
