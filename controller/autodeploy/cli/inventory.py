"""`autodeploy inventory`."""

from __future__ import annotations

import click

from autodeploy.cli import options, output


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.as_json
def inventory(*, application: str, environment: str | None, as_json: bool) -> None:
    """Print APPLICATION's Ansible inventory.

    \b
    Examples:
      autodeploy inventory shop > inventory.json
    """
    from autodeploy.cli import applications
    from autodeploy.runner import read_inventory

    known = applications.find(application, environment or "production")
    read = read_inventory(applications.store().application_folder(application, known.environment))
    if as_json:
        output.document(read)
        return
    for name, variables in read.get("_meta", {}).get("hostvars", {}).items():
        click.echo(f"{name} {variables['ansible_user']}@{variables['ansible_host']}")
