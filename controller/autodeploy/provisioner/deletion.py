"""Takes resources away: in dependency order, also half-made ones and those gone already."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone, is_transient
from autodeploy.errors import CloudError, RollbackRefused
from autodeploy.journal import AgentLog
from autodeploy.journal import events as e
from autodeploy.provisioner.kinds import (
    DELETION_WAVES,
    Found,
    Site,
    in_order_of_deletion,
    kind_of,
)
from autodeploy.provisioner.owner import DEPLOYMENT, tags_of

IN_USE = frozenset(
    {
        "CacheSubnetGroupInUse",
        "DBSnapshotAlreadyExists",
        "DependencyViolation",
        "InvalidDBInstanceState",
        "InvalidDBSubnetGroupStateFault",
        "InvalidGroup.InUse",
        "InvalidReplicationGroupState",
        "ResourceInUse",
        "ResourceInUseException",
    }
)
"""Passing answers: network interfaces outlive what they belonged to for a while, a database is busy
with something else, and the next last snapshot has another name."""


def refuse_others(found: Iterable[Found], deployment: str) -> None:
    """Refuse to remove what another deployment has made, as far as descriptions say who did.

    Raises:
        RollbackRefused: Another has.
    """
    makers = ((one, tags_of(one.record).get(DEPLOYMENT, deployment)) for one in found)
    others = [f"{one.key} ({one.id}): {maker}" for one, maker in makers if maker != deployment]
    if others:
        raise RollbackRefused(
            f"{deployment} has not made all that there is; nothing was removed",
            cause="\n".join(others),
            remediation="`autodeploy destroy APP` removes all of it.",
        )


def delete_in_waves(site: Site, log: AgentLog, found: Iterable[Found]) -> None:
    """All of them, what stands on others first; in a wave all deletions run side by side."""
    for _, wave in groupby(in_order_of_deletion(found), key=lambda one: DELETION_WAVES[one.type]):
        going = list(wave)
        for one in going:
            log.write(e.ResourceIntended(action="delete", key=one.key, type=one.type, id=one.id))
        for one in going:
            _make_sure(site, one, kind_of(one).loosen)
        for one in going:
            _make_sure(site, one, kind_of(one).delete)
        for kind in {kind_of(one): None for one in going}:
            kind.await_deleted(
                site.cloud, [one for one in going if one.type == kind.type], site.patience
            )
        for one in going:
            log.write(e.ResourceDone(action="delete", key=one.key, type=one.type, id=one.id))


def delete(site: Site, log: AgentLog, found: Found) -> None:
    """One resource, gone when this returns."""
    delete_in_waves(site, log, [found])


def _make_sure(site: Site, found: Found, call: Callable[[Cloud, Found], None]) -> None:
    """Make a call of a deletion; that it was made already, by us or by somebody else, is as good.

    An earlier attempt may have succeeded though its answer was lost.
    """
    site.patience.check()
    try:
        site.patience.persist(
            lambda: call(site.cloud, found),
            seconds=kind_of(found).deletion_seconds,
            on=_is_passing,
            what=f"AWS to let {found.key} be deleted",
        )
    except CloudError as error:
        if not is_gone(error):
            raise


def _is_passing(error: BaseException) -> bool:
    in_use = isinstance(error, CloudError) and error.code in IN_USE
    return in_use or is_transient(error)
