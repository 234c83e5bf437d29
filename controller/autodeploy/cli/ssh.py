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
    from autodeploy.errors import NotDeployed
    from autodeploy.runner import command, login_key, pin

    known = applications.find(application, environment or "production")
    chosen = next((one for one in known.hosts if host in {None, one.name}), None)
    if chosen is None:
        names = ", ".join(one.name for one in known.hosts) or "none"
        raise NotDeployed(f"{application} has no host {host or 'yet'}", cause=f"it has {names}")
    folder = applications.store().application_folder(application, known.environment)
    quoted = [words[0] if len(words) == 1 else shlex.join(words)] if words else []
    line = command(chosen, login_key(folder), pin(known.hosts, folder), *quoted)
    with conductor.access(known, wiring.environment(wiring.settings_of(known, profile))):
        return subprocess.run(line, check=False).returncode
