"""`autodeploy iam-policy`."""

from __future__ import annotations

from typing import Any

import click

from autodeploy.cli import options, output


@click.command()
@click.argument("repository", required=False)
@click.option("--ref", help="Branch, tag or commit (default: the repository's default branch).")
@click.option("--path", help="The application's folder in the repository (default: its root).")
@options.infrastructure
@options.identity
def iam_policy(*, repository: str | None, ref: str | None, path: str | None, **flags: Any) -> None:
    """Print the least IAM policy for deploying REPOSITORY with these options.

    Without a repository, that for everything. What it leaves open is said on stderr.
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring
    from autodeploy.settings import load

    command = wiring.command_for(repository, ref, path, flags) if repository else None
    settings = command.settings if command else load(flags)
    said = conductor.iam_policy(command, wiring.environment(settings), output.Talk())
    output.document(said.document)
    for note in said.notes:
        output.say(f"note: {note}")
