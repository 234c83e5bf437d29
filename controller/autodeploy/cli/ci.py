"""`autodeploy ci`: a workflow that plans what is proposed and deploys what is merged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from autodeploy import origin
from autodeploy.cli import applications, options, output
from autodeploy.errors import UsageError

if TYPE_CHECKING:
    from autodeploy.pipelines import Facts, Kind

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def ci() -> None:
    """Write a workflow: plan what is proposed, deploy what is merged.

    \b
    Examples:
      autodeploy ci github --region eu-west-1 --plan-role ARN --deploy-role ARN \\
        --state s3://BUCKET/PREFIX --package 'autodeploy @ https://ADDRESS/OF/WHEEL'
    """


def _facts(command: F) -> F:
    for option in (
        click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False)),
        click.option("--deploy-role", required=True, metavar="ARN", help="The role that deploys."),
        click.option("--plan-role", required=True, metavar="ARN", help="The role that plans."),
        click.option("--region", required=True, envvar="AUTODEPLOY_REGION", help="AWS's region."),
        click.option("--branch", default="main", show_default=True, help="What is deployed."),
        click.option("--project", metavar="OWNER/NAME", help="Default: that of the remote origin."),
        click.option(
            "--package",
            metavar="REQUIREMENT",
            help="What pip installs in a job (default: what this was installed from).",
        ),
        click.option("--path", default="", help="The application's folder in the repository."),
        click.option("--name", default="", help="The application's name (default: the repo's)."),
        click.option("--force", is_flag=True, help="Write over a file that is there."),
        click.option("--stdout", is_flag=True, help="Print the workflow, and write nothing."),
        click.option(
            "--trust-policy",
            type=click.Choice(["deploy", "plan"]),
            help="Print who may have that role, as IAM wants it, and write nothing.",
        ),
    ):
        command = option(command)
    return options.environment(command)


@ci.command()
@_facts
def github(**said: Any) -> None:
    """Write .github/workflows/autodeploy.yml into FOLDER (default: here).

    \b
    Examples:
      autodeploy ci github --region eu-west-1 \\
        --plan-role arn:aws:iam::123456789012:role/autodeploy-plan \\
        --deploy-role arn:aws:iam::123456789012:role/autodeploy \\
        --state s3://acme-deployments/shop \\
        --package 'autodeploy @ https://example.com/autodeploy-0.1.0-py3-none-any.whl'
    """
    _written("github", "github.com", **said)


@ci.command()
@click.option("--gitlab-host", help="GitLab of your own (default: that of the remote origin).")
@_facts
def gitlab(*, gitlab_host: str | None, **said: Any) -> None:
    """Write .gitlab-ci.yml into FOLDER (default: here).

    \b
    Examples:
      autodeploy ci gitlab --region eu-west-1 \\
        --plan-role arn:aws:iam::123456789012:role/autodeploy-plan \\
        --deploy-role arn:aws:iam::123456789012:role/autodeploy \\
        --state s3://acme-deployments/shop \\
        --package 'autodeploy @ https://example.com/autodeploy-0.1.0-py3-none-any.whl'
    """
    _written("gitlab", gitlab_host, **said)


def _written(
    kind: Kind,
    host: str | None,
    *,
    folder: str,
    project: str | None,
    package: str | None,
    environment: str | None,
    force: bool,
    stdout: bool,
    trust_policy: Any,
    **said: str,
) -> None:
    from autodeploy import pipelines

    found = (host or "gitlab.com", project) if project else _origin(folder, host)
    facts = pipelines.Facts(
        *found,
        state=_state(),
        package=package or _package(),
        environment=environment or "production",
        **said,
    )
    if trust_policy:
        output.document(pipelines.trust_policy(kind, facts, trust_policy))
    elif stdout:
        click.echo(pipelines.workflow(kind, facts), nl=False)
    else:
        file = _file(Path(folder), pipelines.FILES[kind], force=force)
        file.write_text(pipelines.workflow(kind, facts), encoding="utf-8")
        _tell(kind, file, facts)


def _origin(folder: str, host: str | None) -> tuple[str, str]:
    from autodeploy import pipelines, recon

    remote = recon.origin(folder, output.Talk())
    found = pipelines.project_of(remote) if remote else None
    if found is None or host not in {None, found[0]}:
        raise UsageError(
            f"the remote origin of {folder} does not say which project it is",
            cause="there is none" if remote is None else f"nor is it one on {host or 'GitLab'}",
            remediation="Say it with --project OWNER/NAME.",
        )
    return found


def _package() -> str:
    found = origin.requirement()
    if found is None:
        raise UsageError(
            "jobs of CI are to install autodeploy, and what this one was installed from is not"
            " within their reach",
            cause="by its name alone, a public index would give them somebody else's",
            remediation="Give --package 'autodeploy @ https://...whl' for a wheel of `make wheel`"
            " that you have put somewhere, --package 'autodeploy @ git+https://...@COMMIT', or, if"
            " your jobs have an index of your own alone, --package autodeploy==VERSION.",
        )
    return found


def _state() -> str:
    place = applications.place()
    if place is None:
        raise UsageError(
            "jobs of CI have no folder in common that could keep the state",
            remediation="Give --state s3://BUCKET/PREFIX (docs/state.md); make the bucket first.",
        )
    return f"s3://{place}"


def _file(folder: Path, name: str, *, force: bool) -> Path:
    """Where to write; a link of the repository's leads nowhere."""
    file = folder / name
    if any(one.is_symlink() for one in (file, *file.parents) if one.is_relative_to(folder / ".")):
        raise UsageError(f"{file} is behind a link", remediation="Put the folder itself there.")
    if file.exists() and not force:
        raise UsageError(
            f"{file} is there already",
            remediation="--force writes over it; --stdout prints what would be written.",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def _tell(kind: Kind, file: Path, facts: Facts) -> None:
    output.say(f"{file} is written for {facts.project}: read it, commit it")
    output.say(f"next: who may have the roles, `autodeploy ci {kind} ... --trust-policy deploy`")
    output.say(f"      what they may do, `autodeploy iam-policy . --state {facts.state}` (ci.md)")
