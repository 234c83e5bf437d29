"""`autodeploy ssh`."""

from __future__ import annotations

import shlex
import subprocess

import click

from autodeploy.cli import options


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("application")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.option("--host", help="The host's name, such as host-2 (default: the first).")
@options.environment
@options.profile
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
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find(application, environment or "production")
    quoted = [words[0] if len(words) == 1 else shlex.join(words)] if words else []
    where = wiring.environment(wiring.settings_of(known, profile))
    with conductor.login(known, host, where) as login:
        return subprocess.run(login.line(*quoted), check=False).returncode
