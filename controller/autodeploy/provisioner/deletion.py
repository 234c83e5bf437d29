"""Takes resources away: in dependency order, also half-made ones and those gone already."""

from __future__ import annotations

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone, is_transient
from autodeploy.errors import CloudError
from autodeploy.journal import AgentLog
from autodeploy.journal import events as e
from autodeploy.provisioner.kinds import KINDS, Found
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.patience import persist

PATIENCE_SECONDS = 180
IN_USE = frozenset({"DependencyViolation", "InvalidGroup.InUse"})
"""Passing answers: network interfaces outlive their instances for a while."""


def delete_all(cloud: Cloud, owner: Owner, log: AgentLog) -> list[Found]:
    """Everything of the owner's, the last made first; gives what was removed."""
    removed: list[Found] = []
    for kind in reversed(KINDS):
        found = kind.observe(cloud, owner)
        alive = [one for one in found if one.alive]
        for one in alive:
            delete(cloud, log, one)
        kind.await_deleted(cloud, found)
        removed += alive
    return removed


def delete(cloud: Cloud, log: AgentLog, found: Found) -> None:
    """One resource; that somebody else has deleted it already is as good."""
    kind = next(kind for kind in KINDS if kind.type == found.type)
    log.write(e.ResourceIntended(action="delete", key=found.key, type=found.type, id=found.id))
    try:
        persist(lambda: kind.delete(cloud, found), seconds=PATIENCE_SECONDS, on=_is_passing)
    except CloudError as error:
        if not is_gone(error):
            raise
    log.write(e.ResourceDone(action="delete", key=found.key, type=found.type, id=found.id))


def _is_passing(error: BaseException) -> bool:
    in_use = isinstance(error, CloudError) and error.code in IN_USE
    return in_use or is_transient(error)
