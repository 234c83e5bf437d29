"""What a workflow is written for. All of it is text that stands in YAML, shells and policies.

So a value is of few characters, or it is refused: none of them ends a quoted text, begins an
expression (`${{`), is a pattern (`*`) or divides words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from autodeploy.errors import UsageError

WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
FORMS = {
    "host": rf"{WORD}",
    "project": rf"{WORD}(?:/{WORD})+",
    "branch": rf"{WORD}(?:/{WORD})*",
    "deploy_role": r"arn:aws(?:-cn|-us-gov)?:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+",
    "plan_role": r"arn:aws(?:-cn|-us-gov)?:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+",
    "region": r"[a-z]{2}(?:-[a-z]+)+-[0-9]",
    "state": r"s3://[a-z0-9][a-z0-9.-]+[a-z0-9](?:/[A-Za-z0-9._/-]*)?",
    "package": r"autodeploy(?:\[[a-z,]+\])?(?: @ (?:git\+)?https://[\w.~:/@+%#=&-]+|==[\w.+!]+)",
    "environment": r"[a-z][a-z0-9-]*",
    "path": rf"{WORD}(?:/{WORD})*",
    "name": r"[a-z][a-z0-9-]*",
}
SCP = re.compile(r"(?:[^\s@/]+@)?(?P<host>[^\s:/@]+):(?P<path>[^\s]+)")


@dataclass(frozen=True)
class Facts:
    """What a workflow is written for; a value that could mean more than itself is refused.

    Attributes:
        host: Where the project lies: `github.com`, `gitlab.com` or GitLab of one's own.
        project: `OWNER/NAME`; with GitLab any number of groups.
        branch: Whose commits are deployed.
        deploy_role: The ARN of the role that deploys.
        plan_role: The ARN of the role that plans: whoever may push a branch may have it.
        region: AWS's region.
        state: Where the state is, `s3://BUCKET/PREFIX`.
        package: What pip installs in each job.
        environment: Which is deployed.
        path: The application's folder in the repository; empty for its root.
        name: The application's name; empty for the repository's.
    """

    host: str
    project: str
    branch: str
    deploy_role: str
    plan_role: str
    region: str
    state: str
    package: str
    environment: str = "production"
    path: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        """Check each.

        Raises:
            UsageError: One is not of its form.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if (value or field.name not in {"path", "name"}) and not _is_of(field.name, value):
                raise UsageError(
                    f"{field.name.replace('_', ' ')} {value!r} cannot stand in a workflow",
                    cause=f"it is to be of the form {FORMS[field.name]}",
                    remediation=f"Give another --{field.name.replace('_', '-')}.",
                )
        if self.deploy_role == self.plan_role:
            raise UsageError(
                "one role cannot both plan and deploy: then whoever may push a branch may deploy",
                remediation="Give two: --deploy-role and --plan-role.",
            )

    @property
    def options(self) -> str:
        """The options that each command of ours has."""
        said = {"--path": self.path, "--name": self.name}
        return "".join(f" {option} {value}" for option, value in said.items() if value)


def _is_of(field: str, value: str) -> bool:
    return bool(re.fullmatch(FORMS[field], value)) and ".." not in value


def project_of(remote: str) -> tuple[str, str] | None:
    """The host and the project that a git remote names; None where it names none.

    Args:
        remote: `https://HOST/OWNER/NAME.git`, `git@HOST:OWNER/NAME` or the like: hostile.
    """
    if "://" in remote:
        try:
            parts = urlsplit(remote)
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return None
    elif found := SCP.fullmatch(remote):
        host, path = found["host"], found["path"]
    else:
        return None
    project = str(PurePosixPath(path.strip("/"))).removesuffix(".git")
    is_one = _is_of("host", host) and _is_of("project", project)
    return (host, project) if is_one else None
