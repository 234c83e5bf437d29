"""`autodeploy schema`."""

from __future__ import annotations

import click

from autodeploy.cli import output


@click.command()
def schema() -> None:
    """Print the JSON Schema of autodeploy.yml, for editors and checks.

    \b
    Examples:
      autodeploy schema > autodeploy.schema.json
    """
    from autodeploy.settings.schema import schema as made

    output.document(made())
