"""`autodeploy analyze`."""

from __future__ import annotations

import click

from autodeploy import paths
from autodeploy.cli import options, output


@click.command()
@options.repository
@click.option("--ref", help="Branch, tag or commit (default: the repository's default branch).")
@click.option("--path", help="The folder inside the repository that holds the application.")
@options.as_json
def analyze(*, repository: str, ref: str | None, path: str | None, as_json: bool) -> None:
    """Show what REPOSITORY (default: here) is made of, with the file and line that say so.

    What autodeploy.yml says over it, `autodeploy config show REPOSITORY` shows.

    \b
    Examples:
      autodeploy analyze .
      autodeploy analyze https://github.com/me/shop --ref v1.2 --json
    """
    from autodeploy import recon

    recon.validate(repository)
    with paths.scratch("analyze") as folder:
        seen = recon.look(repository, ref=ref, path=path, folder=folder, log=output.Talk())
    if as_json:
        output.document(seen.stack.model_dump(mode="json"))
    else:
        from autodeploy.cli import stackpage

        commit = f" at {seen.commit[:12]}" if seen.commit else ""
        stackpage.show(f"{seen.url}{commit}", seen.stack)
