"""An audit, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from autodeploy.cli import output
from autodeploy.contracts import Audit, Finding
from autodeploy.contracts.security import Severity
from autodeploy.words import number_of

COLOURS: dict[Severity, str | None] = {
    "critical": "red",
    "high": "red",
    "medium": "yellow",
    "low": None,
}
MOST = 12
"""Findings of one severity that are shown one by one; the others are in --json."""


def show(found: Audit) -> None:
    """Print it: findings on stdout, all else as talk."""
    for line in figures(found):
        output.say(line)
    for severity, colour in COLOURS.items():
        of_it = [one for one in found.findings if one.severity == severity]
        for one in of_it[:MOST]:
            click.secho(output.plain(_line(one)), fg=colour, color=output.colour())
        if len(of_it) > MOST:
            click.echo(f"{severity:<8}  {len(of_it) - MOST} more; --json has all")
    for report in found.reports:
        for what in report.not_verified:
            place = f"{report.host}: " if report.host else ""
            output.say(f"not verified: {place}{what}", fg="yellow")
    counted = Counter(one.severity for one in found.findings)
    told = ", ".join(f"{counted[one]} {one}" for one in COLOURS if counted[one])
    output.say(f"\n{found.application} ({found.environment}): {told or 'nothing found'}")


def figures(found: Audit) -> Iterator[str]:
    """The figures that there are, one a line; of hosts the worst."""
    if found.lynis:
        yield (
            f"Lynis      hardening index {found.lynis.hardening_index}, "
            f"{number_of(found.lynis.warnings, 'warning')}, "
            f"{number_of(found.lynis.suggestions, 'suggestion')}"
        )
    if found.ssh_audit:
        one = found.ssh_audit
        met = {True: f", meets {one.policy}", False: f", does not meet {one.policy}", None: ""}
        yield f"ssh-audit  {one.fail} fail, {one.warn} warn{met[one.passed]}"
    for name, score in sorted(found.units.items()):
        yield f"unit       {name}: exposure {score} of 10"
    if found.tls:
        days = f"{found.tls.days} days left" if found.tls.trusted else "certificate not trusted"
        yield f"TLS        {found.tls.address}: {', '.join(found.tls.protocols)}, {days}"


def _line(one: Finding) -> str:
    return f"{one.severity:<8}  {one.id}  {one.resource}: {one.message}"
