"""`autodeploy unlock`."""

from __future__ import annotations

import click

from autodeploy.cli import options, output


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.yes
@options.as_json
def unlock(*, application: str, environment: str | None, yes: bool, as_json: bool) -> None:
    """Take APPLICATION's lease from a controller whose machine is gone; shows first who it is.

    Where the state is a folder, a dead controller holds nothing, and from a live one nothing is
    taken.

    \b
    Examples:
      autodeploy unlock shop --state s3://acme-deployments/shop
    """
    from autodeploy.cli import applications

    where = environment or "production"
    store = applications.store()
    held = store.holder(application, where)
    if held is None:
        applications.find(application, where)  # A name that is mistyped is no good news.
        output.say(f"nobody works on {application} ({where})")
    else:
        output.say(f"{application} ({where}): {held}")
        if held.life:  # Without an end it is a live process's.
            options.confirm("Is it gone for good, and shall its lease be taken away?", yes=yes)
        store.unlock(application, where, held)
        output.say(f"{application} ({where}) is free")
    if as_json:
        was = held.model_dump(mode="json") if held else None
        output.document({"application": application, "environment": where, "was_held_by": was})
