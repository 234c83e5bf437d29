"""An application in one environment: what all its runs together left."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from autodeploy.contracts.base import Contract
from autodeploy.contracts.infrastructure import Host, Resource
from autodeploy.contracts.secrets import SecretVersion
from autodeploy.contracts.security import HostSecurity
from autodeploy.contracts.state import ApplicationStatus, DeploymentState


class ApplicationState(Contract):
    """All that is known of one application.

    Attributes:
        status: Where it stands.
        target: Where it lives: aws, lab or ssh.
        region: AWS's region; None while it is not known.
        account: AWS's number of the account; None elsewhere.
        resources: Its resources.
        hosts: Its hosts, as the newest run that knew them says.
        host_settings: The settings that these are made from.
        occupied: Every host that may have something of it: those of the last run that completed,
            and of the runs since.
        domains: Every domain that a host's record or certificate may be for: of the same runs.
        flags: What command lines have said of the infrastructure so far.
        secrets: The version of its secrets that holds; None where it has none.
        prepared: As in `DeploymentState`, by whichever run was last; nothing of before a run that
            was to refresh the hosts.
        secured: As `prepared`.
        live: The run whose release takes traffic; None where there is none.
        change: The newest run that changed anything, or tried to, and was not undone.
        is_first: Whether all that there is is that run's work: nothing of an earlier one is left.
        earlier: The runs whose release a rollback of it can lead to, the newest first.
        migrations: The release command by the id of each run that has begun one.
        maintenance: Whether visitors are to meet a page in place of the application.
        maintenance_done: Whether they do, or do not, on every host.
        touched: Whether a run after the live one has come as far as the hosts.
        unfinished: Whether one of those is not wholly undone.
        last: The newest run, however it ended; one that only changed secrets where there is no
            other.
    """

    application: str
    environment: str
    status: ApplicationStatus
    target: str
    region: str | None
    account: str | None = None
    resources: tuple[Resource, ...]
    hosts: tuple[Host, ...]
    host_settings: dict[str, Any] = Field(default_factory=dict)
    occupied: tuple[Host, ...]
    domains: tuple[str, ...] = ()
    flags: dict[str, Any] = Field(default_factory=dict)
    secrets: SecretVersion | None = None
    prepared: dict[str, str] = Field(default_factory=dict)
    secured: dict[str, HostSecurity] = Field(default_factory=dict)
    live: DeploymentState | None
    change: DeploymentState | None = None
    is_first: bool = False
    earlier: tuple[DeploymentState, ...] = ()
    migrations: dict[str, str] = Field(default_factory=dict)
    maintenance: bool = False
    maintenance_done: bool = True
    touched: bool = False
    unfinished: bool = False
    last: DeploymentState
