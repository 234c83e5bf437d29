"""Runs → the version of an application's secrets that holds. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from autodeploy.contracts import SECRETS, DeploymentState, DeploymentStatus, SecretVersion


def with_secrets(runs: Sequence[DeploymentState]) -> list[DeploymentState]:
    """The runs that have made a version of secrets which may still be kept.

    A removal takes what keeps them; the rollback of a first deployment only where all is its work.
    """
    ends = [n for n, run in enumerate(runs, 1) if SECRETS in run.removed or is_destroyed(run)]
    return [run for run in runs[ends[-1] if ends else 0 :] if run.secrets]


def secrets_of(
    kept: Sequence[DeploymentState],
    runs: Sequence[DeploymentState],
    live: DeploymentState | None,
) -> SecretVersion | None:
    """The version that holds: the newest; after a rollback, that of the release that serves.

    Args:
        kept: What `with_secrets` gives.
        runs: All since the application was removed last.
        live: The run whose release takes traffic.
    """
    newest = max((run.secrets for run in kept if run.secrets), key=_number, default=None)
    if newest is None or not any(_led_back(run, newest.number) for run in runs):
        return newest
    running = live.deployment.secrets if live and live.deployment else None
    return next((one for run in kept if (one := run.secrets) and one.version == running), None)


def newest_number(runs: Sequence[DeploymentState]) -> int:
    """The number of the newest version that one of an application's runs has made; 0 for none."""
    return max((run.secrets.number for run in runs if run.secrets), default=0)


def is_destroyed(run: DeploymentState) -> bool:
    """Whether it has removed all that there was."""
    return run.operation == "destroy" and run.status is DeploymentStatus.COMPLETED


def _number(version: SecretVersion) -> int:
    return version.number


def _led_back(run: DeploymentState, number: int) -> bool:
    """Whether its rollback led to another run, after the change with this number."""
    way = run.rollback if run.status is DeploymentStatus.ROLLED_BACK else None
    return way is not None and way.leads_to is not None and way.secrets >= number
