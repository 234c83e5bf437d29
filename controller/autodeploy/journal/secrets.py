"""Runs → the version of an application's secrets that holds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from autodeploy.contracts import SECRETS, DeploymentState, DeploymentStatus, SecretVersion


def with_secrets(runs: Sequence[DeploymentState]) -> list[DeploymentState]:
    """The runs that have made a version of secrets which may still be kept.

    A removal takes what keeps them; the rollback of a first deployment only where all is its work.
    """
    ends = [n for n, run in enumerate(runs, 1) if SECRETS in run.removed or is_destroyed(run)]
    return [run for run in runs[ends[-1] if ends else 0 :] if run.secrets]


def secrets_of(
    kept: Sequence[DeploymentState], runs: Sequence[DeploymentState]
) -> SecretVersion | None:
    """The version that holds: the newest, or that of the release that a rollback has led to."""
    versions = {one.version: one for run in kept if (one := run.secrets)}
    releases = {run.id: run.deployment.secrets for run in runs if run.deployment}
    changes: list[tuple[datetime, SecretVersion | None]] = [
        (one.at, one) for one in versions.values()
    ]
    for run in runs:
        leads_to = run.rollback.leads_to if run.rollback else None
        if leads_to and run.status is DeploymentStatus.ROLLED_BACK and run.completed_at:
            changes.append((run.completed_at, versions.get(releases.get(leads_to) or "")))
    return max(changes, key=lambda change: change[0])[1] if changes else None


def is_destroyed(run: DeploymentState) -> bool:
    """Whether it has removed all that there was."""
    return run.operation == "destroy" and run.status is DeploymentStatus.COMPLETED
