"""A deployment's state: the fold of its journal."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from autodeploy.contracts.base import Contract
from autodeploy.contracts.deployment import DeploymentConfig
from autodeploy.contracts.infrastructure import Host, Resource
from autodeploy.contracts.plan import Action, Prediction
from autodeploy.contracts.secrets import SecretVersion
from autodeploy.contracts.security import HostSecurity, SecurityConfig
from autodeploy.contracts.stack import TechStack
from autodeploy.errors import AutodeployError


class DeploymentStatus(StrEnum):
    """Where one run stands. `TRANSITIONS` draws what may follow what."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"


TRANSITIONS: dict[DeploymentStatus, frozenset[DeploymentStatus]] = {
    DeploymentStatus.PENDING: frozenset({DeploymentStatus.RUNNING}),
    DeploymentStatus.RUNNING: frozenset(
        {DeploymentStatus.COMPLETED, DeploymentStatus.FAILED, DeploymentStatus.CANCELLED}
    ),
    DeploymentStatus.COMPLETED: frozenset({DeploymentStatus.ROLLING_BACK}),
    DeploymentStatus.FAILED: frozenset({DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK}),
    DeploymentStatus.CANCELLED: frozenset(
        {DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK}
    ),
    DeploymentStatus.ROLLING_BACK: frozenset(
        {DeploymentStatus.ROLLED_BACK, DeploymentStatus.ROLLBACK_FAILED}
    ),
    DeploymentStatus.ROLLBACK_FAILED: frozenset({DeploymentStatus.ROLLING_BACK}),
    DeploymentStatus.ROLLED_BACK: frozenset(),
}


BACKWARDS = frozenset({DeploymentStatus.ROLLING_BACK, DeploymentStatus.ROLLBACK_FAILED})
"""What can only go on to be undone."""


class ApplicationStatus(StrEnum):
    """Where an application stands in one environment."""

    ACTIVE = "active"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    DESTROY_FAILED = "destroy_failed"


class ErrorReport(Contract):
    """An error as the state keeps it and users read it; `exit_code` is the command line's."""

    agent: str
    step: str | None
    host: str | None
    message: str
    cause: str | None
    remediation: str
    exit_code: int = 1

    @classmethod
    def of(cls, error: AutodeployError, agent: str) -> ErrorReport:
        """What an error says, as the agent's."""
        return cls(
            agent=agent,
            step=error.step,
            host=error.host,
            message=error.message,
            cause=error.cause,
            remediation=error.remediation,
            exit_code=error.exit_code,
        )


OnFailure = Literal["keep", "rollback"]
Operation = Literal["deploy", "destroy", "adopt", "configure"]


class CommandLine(Contract):
    """What a command line said, as far as it may be kept: without it nothing could be retried.

    Attributes:
        ref: Branch, tag or commit; None for the default branch.
        path: The application's folder in the repository; None for its root.
        flags: Its settings. None of them can hold a secret.
        environ: Names of the settings that AUTODEPLOY_ variables gave; their values are not kept.
        yes_data: Whether a database may be deleted, after a last snapshot.
        refresh: Whether AWS and the hosts were to be read whatever the journal says.
        restarts: Whether it makes another release, though nothing has changed.
        replaces: AWS's identifiers of the hosts that others take the place of.
        on_failure: What becomes of what a first deployment made that fails or is stopped.
        is_approved: Whether nothing but a plan that was given might be done.
        had_credentials: Whether the repository's address held credentials; they are not kept.
    """

    ref: str | None = None
    path: str | None = None
    flags: dict[str, Any] = Field(default_factory=dict)
    environ: tuple[str, ...] = ()
    yes_data: bool = False
    refresh: bool = False
    restarts: bool = False
    replaces: tuple[str, ...] = ()
    on_failure: OnFailure = "keep"
    is_approved: bool = False
    had_credentials: bool = False


class Rollback(Contract):
    """Where the rollback of a run leads.

    Attributes:
        leads_to: The run whose release serves again; None where all that there was is removed.
        secrets: The number of the newest version of the application's secrets when it began.
    """

    leads_to: str | None
    secrets: int = 0


class Stage(Contract):
    """One agent's run. Times are UTC."""

    agent: str
    started_at: datetime
    completed_at: datetime | None = None
    status: Literal["running", "completed", "failed"] = "running"


class DeploymentState(Contract):
    """All that is known of one run.

    Attributes:
        id: Sorts by time.
        operation: `deploy`, `destroy`, `adopt`, which found what there was without a state, or
            `configure`, which changes secrets.
        application: Its name.
        environment: Its environment.
        target: aws, lab or ssh.
        region: AWS's region; None while it is not known.
        account: AWS's number of the account; None elsewhere.
        repository: The address as given, without credentials.
        status: Where it stands.
        created_at: UTC, as are all times.
        completed_at: There exactly when the run has ended.
        had_completed: Whether it had completed before it was rolled back.
        worked_until: When its own work had ended; None where it was never rolled back.
        back_since: When its rollback, or the newest attempt at that, began; None as before.
        changed: False where the run found nothing to change.
        resumed: Whether it went on after it had ended badly: its times are not one run's.
        foreseen: What it foresaw before it changed anything; None where it changed nothing, and
            in logs of older versions.
        done: What was done to each resource, by logical name; nothing of a rollback.
        command: What its own command line said; None for a run that cannot be retried.
        by: Who has begun it, `user@machine`; None in logs of older versions.
        rollback: Where its rollback leads; None where none was begun.
        failure: What had gone wrong before it was rolled back; None where nothing had.
        settings: Those that it was made with, from wherever; of variables it has no value.
        scaled: How many of a process run on each host, where `autodeploy scale` said so: in this
            run or earlier, and over what the repository says.
        variables: By variable of the settings, a mark of its value that is too short to tell it.
        flags: What command lines have said of the infrastructure, this run's and earlier ones'.
        resources: Those that exist because of the application, as far as this run knows.
        removed: Logical names of resources that this run has taken away for good.
        intended: Logical names of resources whose creation was begun and not confirmed.
        snapshots: The application's databases' snapshots that stay, by AWS's identifiers.
        secrets: The version of the application's secrets that this run has made; None for none.
        maintenance: Whether visitors meet a page in place of the application, as was last said
            after this run had begun and before the next; None where nothing was said.
        maintenance_done: Whether every host is known to have been told so.
        migration: The release command that it began to run: data may be as its release wants it.
        host_settings: The settings that the hosts are made from.
        prepared: Fingerprint of what each host is known to have, by host name; that of the
            application's user on its database as `database`.
        secured: What each host was secured with before it was exposed, by host name.
    """

    id: str
    operation: Operation
    application: str
    environment: str
    target: str
    region: str | None = None
    account: str | None = None
    repository: str | None = None
    commit: str | None = None
    status: DeploymentStatus
    created_at: datetime
    completed_at: datetime | None = None
    had_completed: bool = False
    worked_until: datetime | None = None
    back_since: datetime | None = None
    changed: bool = True
    resumed: bool = False
    foreseen: Prediction | None = None
    done: dict[str, Action] = Field(default_factory=dict)
    command: CommandLine | None = None
    by: str | None = None
    rollback: Rollback | None = None
    failure: ErrorReport | None = None
    flags: dict[str, Any] = Field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    stack: TechStack | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    scaled: dict[str, int] = Field(default_factory=dict)
    variables: dict[str, str] = Field(default_factory=dict)
    artifact: str | None = None
    resources: tuple[Resource, ...] = ()
    removed: tuple[str, ...] = ()
    intended: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()
    host_settings: dict[str, Any] = Field(default_factory=dict)
    prepared: dict[str, str] = Field(default_factory=dict)
    secured: dict[str, HostSecurity] = Field(default_factory=dict)
    secrets: SecretVersion | None = None
    maintenance: bool | None = None
    maintenance_done: bool = True
    migration: str | None = None
    deployment: DeploymentConfig | None = None
    security: SecurityConfig | None = None
    error: ErrorReport | None = None

    @property
    def done_at(self) -> datetime | None:
        """When its own work had ended, whatever a rollback has done since; None until then."""
        return self.worked_until or self.completed_at

    @property
    def seconds(self) -> float | None:
        """How long its own work took, without a rollback; None until that has ended."""
        return (self.done_at - self.created_at).total_seconds() if self.done_at else None

    @property
    def rollback_seconds(self) -> float | None:
        """How long its rollback took, the newest attempt at it; None until that has ended."""
        if self.back_since is None or self.completed_at is None:
            return None
        return (self.completed_at - self.back_since).total_seconds()
