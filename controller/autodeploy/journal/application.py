"""Runs → `ApplicationState`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from autodeploy.contracts import (
    SECRETS,
    ApplicationState,
    ApplicationStatus,
    DeploymentState,
    DeploymentStatus,
    Host,
    Resource,
)
from autodeploy.journal.secrets import is_destroyed, secrets_of, with_secrets

Known = TypeVar("Known")

DESTROYING = {
    DeploymentStatus.PENDING: ApplicationStatus.DESTROYING,
    DeploymentStatus.RUNNING: ApplicationStatus.DESTROYING,
    DeploymentStatus.COMPLETED: ApplicationStatus.DESTROYED,
}
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
UNDONE = {
    DeploymentStatus.ROLLING_BACK,
    DeploymentStatus.ROLLED_BACK,
    DeploymentStatus.ROLLBACK_FAILED,
}


def application(runs: Sequence[DeploymentState]) -> ApplicationState:
    """What the runs of one application, oldest first and at least one, together left."""
    since = since_last_removed(runs)
    kept = with_secrets(runs)
    last = _last(runs)
    placed = sorted((*kept, *since), key=_weight)
    home = placed[-1] if placed and _weight(placed[-1]) else last
    there = [run for run in placed if run.target == home.target]
    hosts = next((run for run in reversed(since) if run.hosts), None)
    standing = _standing(since)
    live = standing[-1] if standing else None
    change = _change(since)
    after = [run for run in since if live and run.hosts and run.id > live.id]
    told = next((run for run in reversed(since) if run.maintenance is not None), None)
    return ApplicationState(
        application=last.application,
        environment=last.environment,
        status=_status(last),
        target=home.target,
        region=next((run.region for run in reversed(there) if run.region), None),
        account=next((run.account for run in reversed(there) if run.account), None),
        hosts=hosts.hosts if hosts else (),
        host_settings=hosts.host_settings if hosts else {},
        occupied=_occupied(since),
        domains=_domains(since),
        resources=_resources(since),
        flags=_flags(since),
        secrets=secrets_of(kept, since, live),
        prepared=_since_refresh(since, lambda run: run.prepared),
        secured=_since_refresh(since, lambda run: run.secured),
        live=live,
        change=change,
        is_first=change is not None and _is_first(change, since),
        earlier=_earlier(standing, change),
        migrations={run.id: run.migration for run in since if run.migration},
        maintenance=bool(told and told.maintenance),
        maintenance_done=told is None or told.maintenance_done,
        touched=bool(after),
        unfinished=any(run.status is not DeploymentStatus.ROLLED_BACK for run in after),
        last=last,
    )


def _weight(run: DeploymentState) -> int:
    """How much a run's word on where the application is counts: by what may still be there."""
    if run.resources or run.hosts:
        return 2
    return 1 if run.secrets or SECRETS in run.intended else 0


def _is_first(change: DeploymentState, runs: Sequence[DeploymentState]) -> bool:
    """Whether all that there is, is its work: also nothing of a later run that was undone."""
    made = {(one.key, one.id) for one in change.resources}
    others = [one for one in _resources(runs) if (one.key, one.id) not in made]
    return not others and not any(_has_left(run) for run in runs if run.id < change.id)


def _resources(runs: Sequence[DeploymentState]) -> tuple[Resource, ...]:
    """What the runs, oldest first, have found or made and not taken away.

    A deployment that completed has listed all that there is, unless it had no need to look: what
    a killed run before it took away without writing so is not there any more.
    """
    there: dict[str, Resource] = {}
    for run in runs:
        listed_all = _is_up(run) and run.resources
        there = {} if listed_all else {k: one for k, one in there.items() if k not in run.removed}
        there.update({one.key: one for one in run.resources})
    return tuple(there.values())


def _since_refresh(
    runs: Sequence[DeploymentState], known: Callable[[DeploymentState], Mapping[str, Known]]
) -> dict[str, Known]:
    """What is known of the hosts. A run with --refresh has doubted all that before it was."""
    there: dict[str, Known] = {}
    for run in runs:
        if run.hosts and run.command and run.command.refresh:
            there = {}
        there.update(known(run))
    return there


def _flags(runs: Sequence[DeploymentState]) -> dict[str, Any]:
    """What command lines have said that led to what is up; until then, what the newest said."""
    # One that changed nothing was told nothing that matters.
    heard = [run for run in runs if run.region and run.changed]
    good = [run for run in heard if _is_up(run)] or heard
    return good[-1].flags if good else {}


def since_last_removed(runs: Sequence[DeploymentState]) -> Sequence[DeploymentState]:
    """Those of the application that there is now, oldest first; removed, it has none."""
    ends = [number for number, run in enumerate(runs, 1) if _is_end(run)]
    return runs[ends[-1] :] if ends else runs


def _is_end(run: DeploymentState) -> bool:
    """Whether nothing was left after it: a removal, or the rollback of a first deployment."""
    if run.operation == "destroy":
        return is_destroyed(run)
    removes = run.rollback is not None and run.rollback.leads_to is None
    return removes and run.status is DeploymentStatus.ROLLED_BACK


def _last(runs: Sequence[DeploymentState]) -> DeploymentState:
    """The newest since the last removal that did more than change secrets, where there is one.

    One that changed nothing is undone with the one that it found: then that is the newest.
    """
    ends = [number for number, run in enumerate(runs, 1) if is_destroyed(run)]
    since = runs[ends[-1] :] if ends else runs
    fallen = _fallen(since)
    told = (run for run in reversed(since) if run.operation != "configure" and run.id not in fallen)
    return next(told, runs[-1])


def _fallen(runs: Sequence[DeploymentState]) -> set[str]:
    """The runs that changed nothing and found a release that was undone afterwards."""
    fallen: set[str] = set()
    made: DeploymentState | None = None
    for run in runs:
        if run.operation == "deploy" and run.changed:
            made = run
        elif made and _is_up(run) and made.status in UNDONE and _release(made) == _release(run):
            fallen.add(run.id)
    return fallen


def _occupied(runs: Sequence[DeploymentState]) -> tuple[Host, ...]:
    """All hosts since the last run that completed, which left none of those before it."""
    since = _since_up(runs)
    return tuple({(host.address, host.port): host for run in since for host in run.hosts}.values())


def _domains(runs: Sequence[DeploymentState]) -> tuple[str, ...]:
    """All that were to lead to a host since then: a load balancer's come and go with that."""
    said = (
        run.settings.get("domain")
        for run in _since_up(runs)
        if not any(one.type == BALANCER for one in run.resources)
    )
    return tuple(dict.fromkeys(one for one in said if one))


def _since_up(runs: Sequence[DeploymentState]) -> Sequence[DeploymentState]:
    """The last that completed, and those after it."""
    ups = [number for number, run in enumerate(runs) if _is_up(run)]
    return runs[ups[-1] :] if ups else runs


def _standing(runs: Sequence[DeploymentState]) -> list[DeploymentState]:
    """Runs that completed and were not rolled back.

    One that changed nothing stands and falls with the one that it found. A rollback leads past all
    that had the release which it undid.
    """
    found: list[DeploymentState] = []
    fallen = False
    for run in runs:
        if run.status in UNDONE:
            fallen = True
            if run.status is DeploymentStatus.ROLLED_BACK:
                _go_back(found, run)
        elif _is_up(run) and (run.changed or not fallen):
            fallen = False
            found.append(run)
    return found


def _go_back(standing: list[DeploymentState], run: DeploymentState) -> None:
    """Take off what no longer stands after the rollback of `run`."""
    if run.rollback and run.rollback.leads_to:
        while standing and standing[-1].id > run.rollback.leads_to:
            standing.pop()
    elif run.had_completed:  # Logs of older versions do not say where it led.
        while standing and _release(standing[-1]) == _release(run):
            standing.pop()


def _change(runs: Sequence[DeploymentState]) -> DeploymentState | None:
    changes = (run for run in reversed(runs) if run.operation == "deploy" and run.changed)
    passed = _passed(runs)
    undone = DeploymentStatus.ROLLED_BACK
    return next((run for run in changes if run.status is not undone and run.id not in passed), None)


def _passed(runs: Sequence[DeploymentState]) -> set[str]:
    """The runs that a rollback went past on its way to an earlier one."""
    ways = [
        (run.rollback.leads_to, run.id)
        for run in runs
        if run.status is DeploymentStatus.ROLLED_BACK and run.rollback and run.rollback.leads_to
    ]
    return {run.id for run in runs if any(to < run.id < undone for to, undone in ways)}


def _has_left(run: DeploymentState) -> bool:
    """Whether something of it may still be there that a rollback would remove."""
    return run.operation != "configure" and bool(run.resources or run.hosts or run.intended)


def _release(run: DeploymentState) -> str | None:
    return run.deployment.release if run.deployment else None


def _earlier(
    standing: Sequence[DeploymentState], change: DeploymentState | None
) -> tuple[DeploymentState, ...]:
    """What a rollback of `change` can lead to: of each other release the newest run."""
    gone = {None, _release(standing[-1]) if standing and change and _is_up(change) else None}
    newest: dict[str | None, DeploymentState] = {}
    for run in reversed(standing):
        if _release(run) not in gone:
            newest.setdefault(_release(run), run)
    return tuple(newest.values())


def _is_up(run: DeploymentState) -> bool:
    return run.operation == "deploy" and run.status is DeploymentStatus.COMPLETED


def _status(last: DeploymentState) -> ApplicationStatus:
    if last.operation != "destroy":
        return ApplicationStatus.ACTIVE
    return DESTROYING.get(last.status, ApplicationStatus.DESTROY_FAILED)
