"""`autodeploy doctor`: what this machine has, what is missing and how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import options, output

if TYPE_CHECKING:
    from autodeploy.lab.requirements import Check


@click.command()
@options.as_json
def doctor(as_json: bool) -> None:
    """Check what this machine has and what is missing.

    \b
    Examples:
      autodeploy doctor
      autodeploy doctor --json
    """
    from autodeploy.lab import requirements
    from autodeploy.lab.site import Site

    checks = requirements.check(Site.here())
    if as_json:
        output.document([_data(one) for one in checks])
    else:
        for one in checks:
            click.echo(_line(one))
    if any(one.missing for one in checks):
        raise SystemExit(1)


def _data(check: Check) -> dict[str, Any]:
    return {
        "name": check.requirement.name,
        "ok": check.missing is None,
        "cause": check.missing,
        "remediation": check.requirement.remedy if check.missing else None,
        "without": check.requirement.without if check.missing else None,
    }


def _line(check: Check) -> str:
    if check.missing is None:
        return f"ok       {check.requirement.name}"
    wanted = check.requirement
    return f"missing  {wanted.name}: {check.missing}; {wanted.remedy} (without: {wanted.without})"
