"""What runs at given times, as the host's systemd knows it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from autodeploy.contracts import CronJob, DeploymentConfig

ASKED = (
    *("ActiveState", "Result", "ExecMainStatus", "NextElapseUSecRealtime"),
    *("ExecMainStartTimestamp", "Id"),
)


@dataclass(frozen=True)
class JobSeen:
    """One job.

    Attributes:
        name: Its name.
        job: What runs, and when.
        next: When it runs next, UTC; None where it never does, or its timer does not run.
        last: When its last run in this release began, UTC; None where there was none.
        runs: Whether that goes on.
        failure: Why that failed, as systemd says; None where it did not.
    """

    name: str
    job: CronJob
    next: datetime | None = None
    last: datetime | None = None
    runs: bool = False
    failure: str | None = None


def question(application: str, running: DeploymentConfig) -> str:
    """The command line that asks a host."""
    prefix = f"{application}-"
    units = [
        f"{prefix}{name}.{running.release}.{kind}"
        for name in running.jobs
        for kind in ("service", "timer")
    ]
    # Times are told as the one who asks has them.
    words = ["env", "TZ=UTC", "LC_ALL=C", "systemctl", "show", f"--property={','.join(ASKED)}"]
    return shlex.join([*words, *units])


def seen(application: str, running: DeploymentConfig, answer: str) -> list[JobSeen]:
    """The jobs, as the host has answered."""
    blocks = [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for block in answer.split("\n\n")
    ]
    units = {one["Id"]: one for one in blocks if "Id" in one}
    found = []
    for name, job in running.jobs.items():
        stem = f"{application}-{name}.{running.release}"
        service, timer = units.get(f"{stem}.service", {}), units.get(f"{stem}.timer", {})
        found.append(
            JobSeen(
                name=name,
                job=job,
                next=_moment(timer.get("NextElapseUSecRealtime")),
                last=_moment(service.get("ExecMainStartTimestamp")),
                runs=service.get("ActiveState") == "activating",
                failure=_failure(service),
            )
        )
    return found


def _failure(service: Mapping[str, str]) -> str | None:
    if service.get("ActiveState") != "failed":
        return None
    result, status = service.get("Result"), service.get("ExecMainStatus")
    return f"exit status {status}" if result == "exit-code" else str(result)


def _moment(said: str | None) -> datetime | None:
    """`Fri 2026-11-27 03:00:00 UTC`."""
    words = (said or "").split()
    if len(words) < 4:
        return None
    return datetime.fromisoformat(f"{words[1]} {words[2]}").replace(tzinfo=UTC)
