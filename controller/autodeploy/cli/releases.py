"""`autodeploy releases`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import applications, options, output

if TYPE_CHECKING:
    from autodeploy.conductor import Release


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.as_json
def releases(*, application: str, environment: str | None, as_json: bool) -> None:
    """Show APPLICATION's releases, the newest first: which is live, what each one changed.

    \b
    Examples:
      autodeploy releases shop -e staging
    """
    from autodeploy import conductor

    where = environment or "production"
    known = applications.find(application, where)
    found = conductor.releases(applications.store().states(application, where), known)[::-1]
    if as_json:
        output.document([_data(one) for one in found])
    elif found:
        _page(found)
    else:
        output.say(f"no release of {application} ({where}) has taken traffic yet")


def _data(one: Release) -> dict[str, Any]:
    return {
        "version": one.version,
        "release": one.config.release,
        "deployment": one.run.id,
        "commit": one.run.commit,
        "completed_at": one.run.done_at,
        "by": one.run.by,
        "standing": one.standing,
        "changes": one.changes,
    }


def _page(found: list[Release]) -> None:
    from autodeploy.cli.stackpage import show_table, table

    rows = (_row(one) for one in found)
    titles = ("version", "release", "commit", "completed (UTC)", "by", "standing", "changed")
    show_table(table(*titles, rows=rows))
    kept = next((one for one in found if one.standing == "can be rolled back to"), None)
    if kept:
        named = applications.named(kept.run)
        output.say(f"next: autodeploy rollback {named} --to {kept.config.release}")


def _row(one: Release) -> tuple[str, ...]:
    done = one.run.done_at
    return (
        f"v{one.version}",
        one.config.release,
        (one.run.commit or "-")[:7],
        f"{done:%Y-%m-%d %H:%M}" if done else "-",
        one.run.by or "-",
        str(one.standing),
        "; ".join(one.changes),
    )
