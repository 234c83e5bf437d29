"""Events → `DeploymentState`. Pure: the same events always give the same state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch
from typing import Any

from autodeploy.contracts import (
    SECRETS,
    Action,
    DeploymentState,
    DeploymentStatus,
    Resource,
    Rollback,
    Stage,
)
from autodeploy.contracts.state import TRANSITIONS
from autodeploy.errors import StateError, TransitionRefused
from autodeploy.journal import events as e

ENDED = frozenset(
    {
        DeploymentStatus.COMPLETED,
        DeploymentStatus.FAILED,
        DeploymentStatus.CANCELLED,
        DeploymentStatus.ROLLED_BACK,
        DeploymentStatus.ROLLBACK_FAILED,
    }
)


def fold(events: Iterable[e.AnyEvent]) -> DeploymentState:
    """The state after all `events`.

    Raises:
        StateError: The first event is not `created`.
        TransitionRefused: A status follows that the state machine does not draw.
    """
    state: DeploymentState | None = None
    for event in events:
        state = step(state, event)
    if state is None:
        raise StateError("the log is empty", step="fold")
    return state


def step(state: DeploymentState | None, event: e.AnyEvent) -> DeploymentState:
    """The state after one more event."""
    if isinstance(event, e.Created):
        return _created(event)
    if state is None:
        raise StateError(f"the log begins with `{event.kind}`, not with `created`", step="fold")
    change = _change(event, state)
    return state.model_copy(update=change) if change else state


def _created(event: e.Created) -> DeploymentState:
    taken = event.model_dump(exclude={"seq", "time", "kind", "schema_version", "tool_version"})
    return DeploymentState(status=DeploymentStatus.PENDING, created_at=_time(event), **taken)


def _time(event: e.Event) -> datetime:
    if event.time is None:
        raise StateError("an event has no time", step="fold")
    return event.time


@singledispatch
def _change(_event: Any, _state: DeploymentState) -> dict[str, Any]:
    """The fields that the event changes: none, for events that only people read."""
    return {}


@_change.register
def _(event: e.StatusChanged, state: DeploymentState) -> dict[str, Any]:
    if event.status not in TRANSITIONS[state.status]:
        raise TransitionRefused(f"a deployment that is {state.status} cannot become {event.status}")
    change: dict[str, Any] = {"status": event.status}
    change["completed_at"] = _time(event) if event.status in ENDED else None
    if event.changed is not None:
        change["changed"] = event.changed
    if event.status is DeploymentStatus.ROLLING_BACK:
        completed = state.status is DeploymentStatus.COMPLETED
        change["had_completed"] = state.had_completed or completed
        change["worked_until"] = state.done_at
        change["back_since"] = _time(event)
        if state.status is not DeploymentStatus.ROLLBACK_FAILED:
            change["failure"] = state.error
    if event.status in {DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK}:
        change["error"] = None
    if event.status is DeploymentStatus.RUNNING:
        change["resumed"] = state.status is not DeploymentStatus.PENDING
    return change


@_change.register
def _(event: e.CommandGiven, _state: DeploymentState) -> dict[str, Any]:
    return {"command": event.command}


@_change.register
def _(event: e.RollbackBegun, _state: DeploymentState) -> dict[str, Any]:
    return {"rollback": Rollback(leads_to=event.leads_to, secrets=event.secrets)}


@_change.register
def _(event: e.StageStarted, state: DeploymentState) -> dict[str, Any]:
    others = tuple(stage for stage in state.stages if stage.agent != event.agent)
    return {"stages": (*others, Stage(agent=event.agent, started_at=_time(event)))}


@_change.register
def _(event: e.StageEnded, state: DeploymentState) -> dict[str, Any]:
    ending = {"completed_at": _time(event), "status": "completed" if event.ok else "failed"}
    stages = (
        stage.model_copy(update=ending) if stage.agent == event.agent else stage
        for stage in state.stages
    )
    return {"stages": tuple(stages)}


@_change.register
def _(event: e.SourceRead, _state: DeploymentState) -> dict[str, Any]:
    read = {"commit": event.commit, "stack": event.stack, "settings": event.settings}
    return {**read, "scaled": event.scaled, "variables": event.variables}


@_change.register
def _(event: e.ArtifactBuilt, _state: DeploymentState) -> dict[str, Any]:
    return {"artifact": event.digest}


@_change.register
def _(event: e.CloudOpened, _state: DeploymentState) -> dict[str, Any]:
    return {"region": event.region, "account": event.account, "flags": event.flags}


@_change.register
def _(event: e.Foreseen, state: DeploymentState) -> dict[str, Any]:
    return {} if state.foreseen else {"foreseen": event.prediction}


@_change.register
def _(event: e.ResourceIntended, state: DeploymentState) -> dict[str, Any]:
    if event.action != "create" or event.key in state.intended:
        return {}
    return {"intended": (*state.intended, event.key)}


@_change.register
def _(event: e.ResourceDone, state: DeploymentState) -> dict[str, Any]:
    others = tuple(resource for resource in state.resources if resource.key != event.key)
    intended = tuple(key for key in state.intended if key != event.key)
    removed = tuple(key for key in state.removed if key != event.key)
    change: dict[str, Any] = {"intended": intended, "removed": removed}
    if state.status is DeploymentStatus.RUNNING:
        # What was begun to be made and is there now, was made: the answer was lost.
        is_there = event.key in state.intended and event.action != "delete"
        now = Action.CREATE if is_there else Action(event.action)
        change["done"] = {**state.done, event.key: _together(state.done.get(event.key), now)}
    if event.action == "delete":
        return {**change, "resources": others, "removed": (*removed, event.key)}
    if any(resource.key == event.key and resource.id == event.id for resource in state.resources):
        return change
    made = Resource(key=event.key, type=event.type, id=event.id)
    return {"resources": (*others, made), **change}


def _together(before: Action | None, now: Action) -> Action:
    """What two calls on one resource have come to: what is made is completed by updates.

    What was as it should be stays so: to let SSH in for a while is no change.
    """
    if now is Action.CREATE and before in {Action.DELETE, Action.REPLACE}:
        return Action.REPLACE
    return before if before and now in {Action.UPDATE, Action.NONE} else now


@_change.register
def _(event: e.SecretsChanged, state: DeploymentState) -> dict[str, Any]:
    intended = tuple(key for key in state.intended if key != SECRETS)
    change: dict[str, Any] = {"secrets": event.secrets, "intended": intended}
    if event.secrets.id is None:  # Beside the SSH key, and no resource.
        return change
    now = Action.CREATE if SECRETS in state.intended else Action.UPDATE
    return {**change, "done": {**state.done, SECRETS: _together(state.done.get(SECRETS), now)}}


@_change.register
def _(event: e.SnapshotKept, state: DeploymentState) -> dict[str, Any]:
    others = tuple(one for one in state.snapshots if one != event.id)
    return {"snapshots": (*others, event.id)}


@_change.register
def _(event: e.HostsKnown, _state: DeploymentState) -> dict[str, Any]:
    return {"hosts": event.hosts, "host_settings": event.host_settings}


@_change.register
def _(event: e.HostPrepared, state: DeploymentState) -> dict[str, Any]:
    return {"prepared": {**state.prepared, event.host: event.fingerprint}}


@_change.register
def _(event: e.HostSecured, state: DeploymentState) -> dict[str, Any]:
    return {"secured": {**state.secured, event.host: event.security}}


@_change.register
def _(event: e.MigrationBegun, _state: DeploymentState) -> dict[str, Any]:
    return {"migration": event.command}


@_change.register
def _(event: e.ReleaseActivated, _state: DeploymentState) -> dict[str, Any]:
    return {"deployment": event.deployment}


@_change.register
def _(event: e.MaintenanceIntended, _state: DeploymentState) -> dict[str, Any]:
    return {"maintenance": event.shown, "maintenance_done": False}


@_change.register
def _(event: e.MaintenanceSet, _state: DeploymentState) -> dict[str, Any]:
    return {"maintenance": event.shown, "maintenance_done": True}


@_change.register
def _(event: e.SecurityReviewed, _state: DeploymentState) -> dict[str, Any]:
    return {"security": event.security}


@_change.register
def _(event: e.Failed, _state: DeploymentState) -> dict[str, Any]:
    return {"error": event.error}
