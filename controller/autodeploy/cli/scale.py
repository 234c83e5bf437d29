"""`autodeploy scale`."""

from __future__ import annotations

import click

from autodeploy.cli import again, applications, options, outcome, output, ways
from autodeploy.contracts import ApplicationState, DeploymentState
from autodeploy.errors import NotDeployed, UsageError
from autodeploy.settings.file import nearest


@click.command()
@click.argument("application", shell_complete=options.applications)
@click.argument("counts", metavar="[PROCESS=[N]]...", nargs=-1)
@options.environment
@options.profile
@options.lock_wait
@options.as_json
def scale(
    *,
    application: str,
    counts: tuple[str, ...],
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    as_json: bool,
) -> int:
    """Show how many of APPLICATION's processes are to run on each host, or say how many are to.

    It makes a new release of what is live. What is said here holds over autodeploy.yml in later
    deployments too; PROCESS= without a number takes it back.

    \b
    Examples:
      autodeploy scale shop
      autodeploy scale shop worker=3 clock=0
      autodeploy scale shop worker=
    """
    known = applications.find(application, environment or "production")
    if known.live is None or known.live.stack is None:
        raise NotDeployed(f"{application} has no release whose processes could be counted")
    if not counts:
        _show(known.live, as_json=as_json)
        return 0
    said = dict(_parsed(one, known) for one in counts)
    state = again.release(known, profile, lock_wait, scale=said)
    if as_json:
        output.document(ways.data(state))
    outcome.show(state, as_json=as_json)
    return output.deployment_exit_code(state)


def _parsed(said: str, known: ApplicationState) -> tuple[str, int | None]:
    name, equals, number = said.partition("=")
    processes = known.live.stack.processes if known.live and known.live.stack else {}
    if equals and not number and known.live and name in known.live.scaled:
        return name, None
    if not (number.isascii() and number.isdecimal()):
        raise UsageError(f"{said!r} says no number", remediation="Say it as worker=3.")
    if name not in processes:
        hint = nearest(name, processes) or f"There are {', '.join(processes) or 'none'}."
        raise UsageError(f"{known.application} has no process {name}", remediation=hint)
    return name, int(number)


def _show(live: DeploymentState, *, as_json: bool) -> None:
    present = applications.wanted(live)
    if as_json:
        output.document(present)
        return

    from autodeploy.cli.stackpage import show_table, table

    commands = live.stack.processes if live.stack else {}
    rows = ((name, str(number), commands[name]) for name, number in present.items())
    show_table(table("process", "wanted on each host", "command", rows=rows))
