"""`autodeploy audit`."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from autodeploy.cli import applications, auditpage, options, output
from autodeploy.contracts import ApplicationState
from autodeploy.contracts.security import Severity
from autodeploy.errors import UsageError

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
FOUND = 2
ASKED = (
    "Enable Amazon Inspector for the whole account in this region, agentless too? It costs by "
    "instance (https://aws.amazon.com/inspector/pricing/), and autodeploy never turns it off"
)


@click.command()
@click.argument("application", shell_complete=options.applications, required=False)
@click.option(
    "--sarif",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the findings to FILE as SARIF 2.1.0 too.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help=f"Exit with {FOUND} when anything as severe is found, or worse.",
)
@click.option(
    "--enable-inspector",
    "inspector",
    is_flag=True,
    help="Enable Amazon Inspector for the account, once you have agreed.",
)
@options.environment
@options.profile
@options.yes
@options.as_json
def audit(
    *,
    application: str | None,
    sarif: Path | None,
    fail_on: Severity | None,
    inspector: bool,
    environment: str | None,
    profile: str | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Show how secure APPLICATION is that is live, and change nothing.

    Scans hosts (Lynis where it is installed, units, ports, packages), SSH, TLS and dependencies,
    and reads what Amazon Inspector has found. What could not be looked at is said.

    \b
    Examples:
      autodeploy audit shop
      autodeploy audit shop --sarif shop.sarif --fail-on high
    """
    from autodeploy import conductor, sheriff
    from autodeploy.cli import wiring

    known = _chosen(application, environment or "production")
    settings = wiring.settings_of(known, profile)
    where = wiring.onlooker(settings)
    if inspector:
        _enable(known, settings.target, yes=yes)
        output.say(f"Amazon Inspector is {conductor.enable_inspector(where).lower()}")
    output.say(f"looking at {known.application}; nothing is changed")
    found = conductor.audit(known, settings, where)
    if sarif:
        from autodeploy.cli.sarif import document

        sarif.write_text(document(found))
    if as_json:
        output.document(found.model_dump(mode="json"))
    else:
        auditpage.show(found)
    failing = fail_on and any(sheriff.scan.is_at_least(one, fail_on) for one in found.findings)
    return FOUND if failing else 0


def _chosen(application: str | None, environment: str) -> ApplicationState:
    """The application of that name; without one, the only one that there is."""
    if application:
        return applications.find(application, environment)
    names = [name for name, of in applications.store().applications() if of == environment]
    if len(names) != 1:
        raise UsageError(
            f"APPLICATION is not said, and there is not one of {environment} alone",
            cause=f"there are {', '.join(names) or 'none'}",
            remediation="Say which: `autodeploy audit APPLICATION`.",
        )
    return applications.find(names[0], environment)


def _enable(known: ApplicationState, target: str, *, yes: bool) -> None:
    """The user's word that it may be.

    Raises:
        UsageError: There is no account that has it.
    """
    if target != "aws":
        raise UsageError(
            f"{known.application} is not on AWS, and only AWS has Amazon Inspector",
            remediation="Leave out --enable-inspector.",
        )
    options.confirm(ASKED, yes=yes)
