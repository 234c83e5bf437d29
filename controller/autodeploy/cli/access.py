"""`autodeploy access`."""

from __future__ import annotations

import subprocess

import click

from autodeploy.cli import options


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("application", shell_complete=options.applications)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, required=True)
@options.environment
@options.profile
def access(
    *, application: str, words: tuple[str, ...], environment: str | None, profile: str | None
) -> int:
    """Run a command on this machine (after `--`) while APPLICATION's hosts let its SSH in.

    \b
    Examples:
      autodeploy access shop -- ansible-playbook -i inventories/autodeploy.yml playbooks/site.yml
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring
    from autodeploy.errors import UsageError

    known = applications.find(application, environment or "production")
    with conductor.access(known, wiring.environment(wiring.settings_of(known, profile))):
        try:
            return subprocess.run(words, check=False).returncode
        except OSError as error:
            raise UsageError(f"{words[0]} cannot be run", cause=str(error)) from error
