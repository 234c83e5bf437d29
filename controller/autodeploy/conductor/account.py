"""The door to the account that an application lives in, and to no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run
from autodeploy.contracts import ApplicationState
from autodeploy.errors import CloudError
from autodeploy.journal.events import CloudOpened


def open_cloud(
    command: Command, environment: Environment, run: Run, flags: Mapping[str, Any]
) -> Cloud:
    """The door, journalled with what command lines have said of the infrastructure.

    Raises:
        CloudError: The credentials are another account's than the application's.
    """
    known = environment.store.application(command.name, command.settings.environment)
    cloud, account = opened(command, environment, known)
    run.journal.write(CloudOpened(region=cloud.region, account=account, flags=dict(flags)))
    return cloud


def opened(
    command: Command, environment: Environment, known: ApplicationState | None
) -> tuple[Cloud, str | None]:
    """The door, and on AWS its account; nothing is journalled. Raises as `open_cloud`."""
    cloud = environment.open_cloud()
    account = cloud.identity().account if command.settings.target == "aws" else None
    if known:
        refuse_another(known, account)
    return cloud, account


def refuse_another(known: ApplicationState, account: str | None) -> None:
    """Refuse the credentials of an account where the application does not live.

    Raises:
        CloudError: They are.
    """
    if account and known.account not in {None, account}:
        raise CloudError(
            f"the credentials are of account {account}, and {known.application} lives in "
            f"{known.account}",
            remediation="Give the profile of that account: --profile, or AWS_PROFILE.",
        )
