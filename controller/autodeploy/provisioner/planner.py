"""Desired and observed → Plan. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autodeploy.contracts import Action, Outage, Plan, PlannedAction
from autodeploy.errors import NetworkRefused, ResourceFailed
from autodeploy.provisioner import database
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import (
    Desired,
    Found,
    Instance,
    in_order_of_deletion,
    kind_of,
)
from autodeploy.provisioner.observed import Observed

UNASKED = "nothing asks for it any more"
KEPT = f"{UNASKED}: kept for its data, which goes into a last snapshot with --yes-data"
REPLACED = "is replaced: it goes once another host serves in its place, with what is on its disk"


def decide(wanted: Iterable[Desired], observed: Observed, *, yes_data: bool) -> Plan:
    """What happens to each resource, in an order in which it can be done.

    Args:
        wanted: What should be, dependencies first.
        observed: What is.
        yes_data: Whether what holds data may be deleted.

    Raises:
        ResourceFailed: What holds data would have to be replaced, and may not be.
    """
    resources = tuple(wanted)
    ids = lasting(resources, observed)
    fates = [_fate(one, observed, ids, yes_data=yes_data) for one in resources]
    return Plan(actions=(*fates, *_surplus(resources, observed, yes_data=yes_data)))


def lasting(wanted: Iterable[Desired], observed: Observed) -> dict[str, str]:
    """The identifiers that stay: what is replaced gets another, and others must learn it."""
    alive = observed.alive
    replaced = {one.key for one in wanted if one.key in alive and one.outdated(alive[one.key])}
    return {key: one for key, one in observed.ids.items() if key not in replaced}


def _surplus(
    wanted: Iterable[Desired], observed: Observed, *, yes_data: bool
) -> list[PlannedAction]:
    """What exists and nothing asks for, in the order in which it goes, if it does."""
    keys = {one.key for one in wanted}
    extra = [found for key, found in observed.alive.items() if key not in keys]
    is_kept = not yes_data and any(kind_of(one).holds_data(one) for one in extra)
    stays = dict.fromkeys(database.KEYS, KEPT) if is_kept else {}
    stays.update({one.key: REPLACED for one in observed.leaving})
    return [
        PlannedAction(
            key=one.key,
            type=one.type,
            action=Action.NONE if one.key in stays else Action.DELETE,
            reason=stays.get(one.key) or _farewell(one),
            id=one.id,
            outage=None if one.key in stays else _missed(kind_of(one).loss(one)),
        )
        for one in in_order_of_deletion(extra)
    ]


def _farewell(found: Found) -> str:
    loss = kind_of(found).loss(found)
    return UNASKED + (f"; {loss}" if loss else "")


def _fate(
    one: Desired, observed: Observed, ids: Mapping[str, str], *, yes_data: bool
) -> PlannedAction:
    found = observed.alive.get(one.key)
    if found is None:
        return _planned(one, Action.CREATE, "does not exist", None)
    if conflict := one.conflict(found):
        raise ResourceFailed(
            f"{one.key} ({found.id}) {conflict}",
            remediation="Somebody has changed it or its tags: change that back, or take the tags "
            "off it and delete it; then deploy again.",
        )
    outdated = one.outdated(found)
    if outdated:
        if one.holds_data(found) and not yes_data:
            raise _data_at_stake(found, outdated)
        return _planned(one, Action.REPLACE, outdated, found, _missed(one.replacing))
    lacking = one.lacks(found, ids)
    if lacking:
        reasons = "; ".join(step.reason for step in lacking)
        outage = next((step.outage for step in lacking if step.outage), None)
        return _planned(one, Action.UPDATE, reasons, found, outage)
    return _planned(one, Action.NONE, one.drift(found) or "is as it should be", found)


def _planned(
    one: Desired, action: Action, reason: str, found: Found | None, outage: Outage | None = None
) -> PlannedAction:
    return PlannedAction(
        key=one.key,
        type=one.type,
        action=action,
        reason=reason,
        id=found.id if found else None,
        properties={} if action is Action.NONE else one.properties,
        outage=outage,
    )


def _missed(what: str | None) -> Outage | None:
    """An outage of which nobody knows how long it takes."""
    return Outage(seconds=None, reason=what) if what else None


def _data_at_stake(found: Found, reason: str) -> ResourceFailed:
    return ResourceFailed(
        f"{found.key} ({found.id}) holds data and would have to be replaced: {reason}",
        remediation="Keep the settings it was made with; or, with --yes-data, it is deleted after "
        "a last snapshot, and an empty one takes its place.",
    )


def refuse_to_move(observed: Observed, named: str | None) -> None:
    """Refuse to go on where what exists is in another VPC than the one that is asked for.

    Args:
        observed: What exists.
        named: The VPC that the settings name; None for the application's own.

    Raises:
        NetworkRefused: It is.
    """
    own = observed.alive.get("vpc")
    wanted = named or (own and own.id)
    for one in observed.alive.values():
        vpc = one.record.get("VpcId")
        if vpc and vpc != wanted:
            raise NetworkRefused(
                f"{one.key} ({one.id}) is in {vpc} and cannot move to "
                f"{wanted or 'a network of its own'}",
                remediation=f"Give --vpc-id {vpc} to go on there; or `autodeploy destroy` first, "
                "then the next deployment is in the other network.",
            )


def refuse_lost_keys(plan: Plan, observed: Observed, keys: Keys) -> None:
    """Refuse to go on where hosts run whose keys are not on this machine.

    Raises:
        ResourceFailed: The login key or a host's key is not here.
    """
    going = observed.leaving
    hosts = [
        one for one in observed.alive.values() if one.type == Instance.type and one not in going
    ]
    login_lost = keys.public_login_key() is None or any(
        action.type == "AWS::EC2::KeyPair" and action.action is Action.REPLACE
        for action in plan.actions
    )
    lost = sorted(one.key for one in hosts if login_lost or keys.public_host_key(one.key) is None)
    if lost:
        raise ResourceFailed(
            f"the SSH keys of {', '.join(lost)} are not on this machine",
            cause=f"{keys.login_key.parent} does not hold them",
            remediation="Deploy from the machine that has them, or put that folder back; "
            "else `autodeploy destroy` and deploy anew.",
        )
