"""Everything that can stand in `events.jsonl`, one JSON object a line.

`kind` tells them apart. `seq` counts from 1 without a gap; `time` is UTC. Secrets are never events.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from autodeploy.contracts import (
    CommandLine,
    Contract,
    DeploymentConfig,
    DeploymentStatus,
    ErrorReport,
    Host,
    HostSecurity,
    Operation,
    Prediction,
    SecretVersion,
    SecurityConfig,
    TechStack,
)

SCHEMA = 7
"""The form of what is written. It counts up with every change that an older version cannot read;
how older logs are read says `schema.py`."""


class Event(Contract):
    """What all events have."""

    seq: int = 0
    time: datetime | None = None


class Created(Event):
    """The first event of every log; `command` is what a deployment's command line said.

    `by` is who has begun it, `user@machine`; logs of older versions do not say.
    """

    kind: Literal["created"] = "created"
    schema_version: int = SCHEMA
    id: str
    operation: Operation
    application: str
    environment: str
    target: str
    region: str | None = None
    repository: str | None = None
    command: CommandLine | None = None
    by: str | None = None
    tool_version: str


class Migrated(Event):
    """A newer version goes on with the log: what follows has its form."""

    kind: Literal["migrated"] = "migrated"
    schema_version: int = SCHEMA
    tool_version: str


class StatusChanged(Event):
    """The run goes from one status to the next; `changed` is said at completion."""

    kind: Literal["status"] = "status"
    status: DeploymentStatus
    changed: bool | None = None


class StageStarted(Event):
    """An agent begins."""

    kind: Literal["stage_started"] = "stage_started"
    agent: str


class StageEnded(Event):
    """An agent has ended, well or not."""

    kind: Literal["stage_ended"] = "stage_ended"
    agent: str
    ok: bool


class StepStarted(Event):
    """A step of an agent begins. Listeners hear it and no log has it: its end says all of it."""

    kind: Literal["step_started"] = "step_started"
    agent: str
    step: str
    host: str | None = None


class StepEnded(Event):
    """A step of an agent has ended; `seconds` is how long it took."""

    kind: Literal["step"] = "step"
    agent: str
    step: str
    host: str | None = None
    seconds: float
    outcome: Literal["ok", "changed", "skipped", "failed", "unreachable"]
    detail: str | None = None


class LogLine(Event):
    """One line that an agent says to people."""

    kind: Literal["log"] = "log"
    agent: str
    level: Literal["debug", "info", "warning", "error"]
    message: str


class CommandGiven(Event):
    """Another command line than that of `created` holds from here on."""

    kind: Literal["command_given"] = "command_given"
    command: CommandLine


class RollbackBegun(Event):
    """Where the rollback leads: to the run `leads_to`, or to nothing at all.

    `secrets` is the number of the newest version of secrets: those with a higher one came later.
    """

    kind: Literal["rollback_begun"] = "rollback_begun"
    leads_to: str | None
    secrets: int = 0


class SourceRead(Event):
    """Recon's finding, and all settings that were found, without the variables' values.

    `scaled` and `variables` are as in `DeploymentState`.
    """

    kind: Literal["source_read"] = "source_read"
    commit: str | None
    stack: TechStack
    settings: dict[str, Any] = Field(default_factory=dict)
    scaled: dict[str, int] = Field(default_factory=dict)
    variables: dict[str, str] = Field(default_factory=dict)


class ArtifactBuilt(Event):
    """The Compiler's artifact."""

    kind: Literal["artifact_built"] = "artifact_built"
    digest: str
    size: int


class CloudOpened(Event):
    """The API was reached; everything that follows is made in `region`, on AWS in `account`.

    `flags` is what command lines, this one and those before it, have said of the infrastructure.
    """

    kind: Literal["cloud_opened"] = "cloud_opened"
    region: str
    account: str | None = None
    flags: dict[str, Any] = Field(default_factory=dict)


class Foreseen(Event):
    """What the deployment will do and take; written before anything is changed, once a run."""

    kind: Literal["foreseen"] = "foreseen"
    prediction: Prediction


class ResourceIntended(Event):
    """A mutating call is about to be made: written before it, so that a crash leaves a trace."""

    kind: Literal["resource_intended"] = "resource_intended"
    action: Literal["create", "update", "delete"]
    key: str
    type: str
    id: str | None = None
    token: str | None = None


class ResourceDone(Event):
    """The call was made; `id` is what AWS answered."""

    kind: Literal["resource_done"] = "resource_done"
    action: Literal["create", "update", "delete", "none"]
    key: str
    type: str
    id: str


class SecretsChanged(Event):
    """Another version of the application's secrets is kept, and holds from here on."""

    kind: Literal["secrets_changed"] = "secrets_changed"
    secrets: SecretVersion


class SnapshotKept(Event):
    """A snapshot of the application's database is there, and stays when all else has gone."""

    kind: Literal["snapshot_kept"] = "snapshot_kept"
    id: str


class HostsKnown(Event):
    """Every host of the application, with its pinned key, and the settings it is made from."""

    kind: Literal["hosts_known"] = "hosts_known"
    hosts: tuple[Host, ...]
    host_settings: dict[str, Any] = Field(default_factory=dict)


class HostPrepared(Event):
    """A host has what the fingerprint stands for: roles, variables and image."""

    kind: Literal["host_prepared"] = "host_prepared"
    host: str
    fingerprint: str


class HostSecured(Event):
    """A host is hardened, and told what has come of it, before anybody reaches it."""

    kind: Literal["host_secured"] = "host_secured"
    host: str
    security: HostSecurity


class MigrationBegun(Event):
    """The release command is about to run; what it does to data no rollback undoes."""

    kind: Literal["migration_begun"] = "migration_begun"
    command: str


class ReleaseActivated(Event):
    """A release takes traffic."""

    kind: Literal["release_activated"] = "release_activated"
    deployment: DeploymentConfig


class MaintenanceIntended(Event):
    """Hosts are about to be told whom visitors are to meet: some may know it from here on."""

    kind: Literal["maintenance_intended"] = "maintenance_intended"
    shown: bool


class MaintenanceSet(Event):
    """Visitors meet a page in place of the application, or the application again; in any run."""

    kind: Literal["maintenance_set"] = "maintenance_set"
    shown: bool


class SecurityReviewed(Event):
    """The Sheriff's finding."""

    kind: Literal["security_reviewed"] = "security_reviewed"
    security: SecurityConfig


class Failed(Event):
    """What went wrong; the status follows."""

    kind: Literal["failed"] = "failed"
    error: ErrorReport


AnyEvent = Annotated[
    Created
    | Migrated
    | StatusChanged
    | StageStarted
    | StageEnded
    | StepEnded
    | LogLine
    | CommandGiven
    | RollbackBegun
    | SourceRead
    | ArtifactBuilt
    | CloudOpened
    | Foreseen
    | ResourceIntended
    | ResourceDone
    | SecretsChanged
    | SnapshotKept
    | HostsKnown
    | HostPrepared
    | HostSecured
    | MigrationBegun
    | ReleaseActivated
    | MaintenanceIntended
    | MaintenanceSet
    | SecurityReviewed
    | Failed,
    Field(discriminator="kind"),
]
Heard = AnyEvent | StepStarted
"""What a listener hears."""
adapter: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def stamped(event: AnyEvent, seq: int, time: datetime) -> AnyEvent:
    """The event with its place and time in the log."""
    update: dict[str, Any] = {"seq": seq, "time": time}
    return event.model_copy(update=update)
