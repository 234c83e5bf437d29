"""`autodeploy run`."""

from __future__ import annotations

import subprocess
import sys

import click

from autodeploy.cli import applications, options
from autodeploy.errors import NotDeployed


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("application", shell_complete=options.applications)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, required=True)
@options.on_a_host
def run(
    *,
    application: str,
    words: tuple[str, ...],
    host: str | None,
    environment: str | None,
    profile: str | None,
) -> int:
    """Run a command (after `--`) as APPLICATION's processes run: its release, variables, sandbox.

    A single word goes to a shell as it is. On a terminal the command has it too.

    \b
    Examples:
      autodeploy run shop -- python manage.py shell
    """
    from autodeploy import conductor, deployer
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    if known.live is None:
        raise NotDeployed(f"{application} has no release that a command could run in")
    command = options.for_a_shell(words)
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    where = wiring.environment(wiring.settings_of(known, profile))
    with conductor.login(known, host, where) as login:
        line = login.line(
            deployer.oneoff(application, command, terminal=terminal, sudo=login.needs_sudo),
            terminal=terminal,
        )
        code = subprocess.run(line, check=False).returncode
    if code == deployer.NO_PROCESS:
        raise NotDeployed(f"{application} has no process that a command could run like")
    return code
