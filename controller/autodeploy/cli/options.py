"""Options that commands share, and what they make of them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from autodeploy.cli.names import EVENTS, VOICE, applications, applications_or_ids, environments
from autodeploy.errors import UsageError

__all__ = ["applications", "applications_or_ids"]
F = TypeVar("F", bound=Callable[..., Any])


def as_json(command: F) -> F:
    """The option --json; where `--events` was given, its value is true: stdout is for programs."""

    def chosen(context: click.Context, _option: click.Parameter, value: bool) -> bool:
        events = bool(context.meta.get(EVENTS))
        if value and events:
            raise click.UsageError("--json is one document, and --events many: give one of them")
        return value or events

    return click.option(
        "--json", "as_json", is_flag=True, callback=chosen, help="Print one JSON document."
    )(command)


def talk(command: F) -> F:
    """The options --events, -q and -v of whatever works on an application."""

    def keep(name: str, said: str) -> Callable[[click.Context, click.Parameter, bool], None]:
        def kept(context: click.Context, _option: click.Parameter, value: bool) -> None:
            if value and context.meta.setdefault(name, said) != said:
                raise click.UsageError("-q and -v exclude each other")

        return kept

    for flags, help_text, name, said in (
        (["-v", "--verbose"], "Say each step.", VOICE, "verbose"),
        (["-q", "--quiet"], "Say nothing but warnings, errors and the outcome.", VOICE, "quiet"),
        (["--events"], "Print what happens as JSON lines, the outcome last.", EVENTS, "events"),
    ):
        command = click.option(
            *flags, is_flag=True, is_eager=True, expose_value=False,
            callback=keep(name, said), help=help_text,
        )(command)  # fmt: skip
    return command


def repository(command: F) -> F:
    """The argument REPOSITORY; left out, it is the folder here, where that looks like one."""

    def chosen(context: click.Context, param: click.Parameter, value: str | None) -> str:
        if value is None and not any(Path(one).exists() for one in (".git", "autodeploy.yml")):
            hint = "Say REPOSITORY: here is neither a .git nor an autodeploy.yml."
            raise click.MissingParameter(hint, context, param)
        return value or "."

    return click.argument("repository", required=False, callback=chosen)(command)


def environment(command: F) -> F:
    """The option --environment, and --state: whoever knows applications has both."""
    named = click.option(
        "-e",
        "--environment",
        envvar="AUTODEPLOY_ENVIRONMENT",
        shell_complete=environments,
        help="The environment (default: production).",
    )
    return named(state(command))


STATE = "autodeploy.state"


def state(command: F) -> F:
    """The option --state; `applications.store` has its value from the context."""

    def keep(context: click.Context, _option: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.meta[STATE] = value

    return click.option(
        "--state",
        metavar="s3://BUCKET/PREFIX",
        help="Where the deployments' logs are kept (default: AUTODEPLOY_HOME).",
        expose_value=False,
        callback=keep,
    )(command)


def lock_wait(command: F) -> F:
    """The option --lock-wait, and those of `talk`: whoever works on an application has all."""
    waits = click.option(
        "--lock-wait",
        type=click.IntRange(min=0),
        metavar="SECONDS",
        help="Wait for another controller that works on the application (default: 0).",
    )
    return waits(talk(command))


def target(command: F) -> F:
    """The options that say where hosts come from."""
    command = profile(click.option("--region", help="AWS's region.")(command))
    kinds = click.Choice(["aws", "lab", "ssh"])
    return click.option("--target", type=kinds, help="Where hosts come from.")(command)


def on_a_host(command: F) -> F:
    """The options that name one host, and what is told beside the words for it."""
    host = click.option("--host", help="The host's name, such as host-2 (default: the first).")
    return host(environment(profile(command)))


def for_a_shell(words: Sequence[str]) -> str:
    """What a shell is to run: a single word as it is, several as a command with its arguments."""
    return words[0] if len(words) == 1 else shlex.join(words)


def profile(command: F) -> F:
    """The option --profile."""
    return click.option("--profile", help="A profile of AWS's own configuration.")(command)


def detailed_exitcode(command: F) -> F:
    """The option --detailed-exitcode."""
    return click.option(
        "--detailed-exitcode", is_flag=True, help="Exit with 2 when there is any such thing."
    )(command)


def yes(command: F) -> F:
    """The option --yes."""
    return click.option("--yes", is_flag=True, help="Answer every question with yes.")(command)


def detailed(command: F) -> F:
    """The option --detailed."""
    return click.option(
        "--detailed",
        is_flag=True,
        help="Look at the hosts too, by Ansible's check mode: SSH is let in meanwhile.",
    )(command)


def yes_data(command: F) -> F:
    """The option --yes-data."""
    return click.option(
        "--yes-data", is_flag=True, help="Delete a database where need be, after a last snapshot."
    )(command)


def on_failure(command: F) -> F:
    """The option --on-failure."""
    return click.option(
        "--on-failure",
        type=click.Choice(["keep", "rollback"]),
        help="What becomes of the infrastructure of a first deployment that fails or is stopped "
        "(default: keep); `retry` remembers it.",
    )(command)


def identity(command: F) -> F:
    """The options that name an application that may not exist yet."""
    named = click.option("--name", help="The application's name (default: the repository's).")
    return named(environment(target(command)))


def infrastructure(command: F) -> F:
    """The options that say what an application runs on; they hold until others are given."""
    images, architectures = (
        click.Choice(["debian-12", "debian-13"]),
        click.Choice(["amd64", "arm64"]),
    )
    for option in (
        click.option(
            "--alarms",
            multiple=True,
            metavar="EMAIL",
            help="Who gets a mail when something is wrong; may be given several times, '' is "
            "nobody.",
            callback=lambda _context, _option, value: value or None,
        ),
        click.option("--cache-type", help="ElastiCache's type (default: cache.t4g.micro)."),
        click.option("--redis/--no-redis", "cache", default=None, help="A managed Redis."),
        click.option("--database-class", help="RDS's type (default: db.t4g.micro)."),
        click.option("--database/--no-database", default=None, help="A managed database."),
        click.option("--harden/--no-harden", default=None, help="Harden the hosts."),
        click.option("--vpc-id", help="A network that exists, instead of one of its own."),
        click.option("--network-of", metavar="ENVIRONMENT", help="Use that environment's network."),
        click.option(
            "--ttl",
            metavar="TIME",
            help="How long it is wanted (8h, 3d); then `environments reap` removes it.",
        ),
        click.option(
            "--max-monthly-cost",
            metavar="USD",
            help="Refuse what would cost more in a month.",
        ),
        click.option("--domain", help="The name that users know the application by."),
        click.option("--load-balancer/--no-load-balancer", default=None, help="One before hosts."),
        click.option("--hosts", type=int, help="How many hosts (default: 1)."),
        click.option("--instance-type", help="EC2's instance type (default: by the stack)."),
        click.option("--arch", type=architectures, help="The hosts' processor."),
        click.option("--image", type=images, help="The hosts' system."),
        click.option("--ssh-key", help="The private key for hosts that exist."),
        click.option(
            "--host",
            "addresses",
            multiple=True,
            metavar="USER@ADDRESS[:PORT]",
            help="A host that exists (target ssh); may be given several times.",
            callback=lambda _context, _option, value: value or None,
        ),
    ):
        command = option(command)
    return command


def confirm(question: str, *, yes: bool) -> None:
    """Go on only when the user agrees; without a terminal nothing is asked.

    Raises:
        UsageError: There is no terminal to ask on.
        click.Abort: The user does not agree.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"{question} cannot be asked: there is no terminal",
            remediation="Give --yes to agree beforehand.",
        )
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)  # The cursor stands behind the question.
        agreed = False
    if not agreed:
        click.echo("nothing was changed", err=True)
        raise click.Abort
