"""`autodeploy ssh`."""

from __future__ import annotations

import subprocess

import click

from autodeploy.cli import options


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("application", shell_complete=options.applications)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@options.on_a_host
def ssh(
    *,
    application: str,
    words: tuple[str, ...],
    host: str | None,
    environment: str | None,
    profile: str | None,
) -> int:
    """Run a command (after `--`), or a shell, on a host of APPLICATION's.

    A single word goes to the host's shell as it is: `-- 'echo $HOME; id'`.

    \b
    Examples:
      autodeploy ssh shop
      autodeploy ssh shop --host host-2 -- journalctl -n 50
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find(application, environment or "production")
    quoted = [options.for_a_shell(words)] if words else []
    where = wiring.environment(wiring.settings_of(known, profile))
    with conductor.login(known, host, where) as login:
        return subprocess.run(login.line(*quoted), check=False).returncode
