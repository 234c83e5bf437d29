"""`autodeploy adopt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autodeploy.cli import options, output
from autodeploy.errors import UsageError

if TYPE_CHECKING:
    from autodeploy import conductor


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.target
@options.as_json
def adopt(
    *,
    application: str,
    environment: str | None,
    target: str | None,
    region: str | None,
    profile: str | None,
    as_json: bool,
) -> int:
    """Make a state of what bears APPLICATION's tags, where its own is lost.

    Nothing is changed in AWS. Afterwards it can be destroyed, and where its SSH keys are still in
    the state folder it can be deployed.

    \b
    Examples:
      autodeploy adopt shop -e staging --region eu-west-1
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring
    from autodeploy.settings import load

    place = {"environment": environment, "target": target, "region": region, "profile": profile}
    settings = load({**place, "name": application})
    if settings.target == "ssh":
        raise UsageError(
            "hosts that exist bear no tags",
            remediation="Deploy again with --target ssh and the same --host: it goes on there.",
        )
    command = conductor.Command(repository=None, name=application, flags={}, settings=settings)
    done = conductor.adopt(command, wiring.environment(settings))
    if as_json:
        output.document({**output.deployment_data(done.state), "keys_lost": done.lost})
    if done.state.error:
        output.error(done.state.error)
    else:
        _tell(application, done)
    return output.exit_code(done.state)


def _tell(application: str, done: conductor.Adoption) -> None:
    output.say(f"{application}: {len(done.state.resources)} resources have a state again")
    if not done.lost:
        output.say("its SSH keys are here: `autodeploy deploy REPOSITORY` goes on with it")
        return
    output.say(f"the SSH keys of {', '.join(done.lost)} are not in {done.folder}:", fg="yellow")
    output.say("  nobody here can log in, so `autodeploy deploy` will refuse to go on;")
    output.say("  put that folder back from where it was, or")
    output.say(f"  `autodeploy destroy {application}` and deploy anew (a database's last snapshot")
    output.say("  is kept)")
    output.snapshots(done.state)
