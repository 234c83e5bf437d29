"""`autodeploy sbom`."""

from __future__ import annotations

import click

from autodeploy.cli import options


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
def sbom(*, application: str, environment: str | None) -> None:
    """Print the bill of materials (CycloneDX 1.6, JSON) of APPLICATION's live deployment.

    \b
    Examples:
      autodeploy sbom shop > shop.cdx.json
    """
    from autodeploy.cli import applications

    known = applications.find(application, environment or "production")
    click.echo(applications.store().sbom((known.live or known.last).id), nl=False)
