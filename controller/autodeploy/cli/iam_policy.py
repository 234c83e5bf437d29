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

    Without a repository, that for everything; with --state, also that for the state. What it
    leaves open is said on stderr.

    \b
    Examples:
      autodeploy iam-policy > policy.json
      autodeploy iam-policy . --state s3://acme-deployments/shop
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring
    from autodeploy.settings import load

    state = applications.place()
    if repository:
        command = wiring.command_for(repository, ref, path, flags)
        environment = wiring.onlooker(command.settings)
        said = conductor.iam_policy(command, environment, output.Talk(), state)
    else:
        load(flags)
        said = conductor.whole_policy(state)
    output.document(said.document)
    for note in said.notes:
        output.say(f"note: {note}")
