"""`orphans`: what bears our tags in the account, and is in no state of this machine."""

from __future__ import annotations

from collections.abc import Collection

from autodeploy.aws import Cloud
from autodeploy.conductor.command import Environment
from autodeploy.contracts import Orphan, Orphans
from autodeploy.journal import Store
from autodeploy.provisioner.pricing import PriceList, monthly, price_list
from autodeploy.provisioner.tagged import SNAPSHOT, VOLUME, Tagged, tagged

REMOVED_ALONE = {
    SNAPSHOT: "aws rds delete-db-snapshot --db-snapshot-identifier {}",
    VOLUME: "aws ec2 delete-volume --volume-id {}",
}
"""What `destroy` leaves."""


def orphans(environment: Environment) -> Orphans:
    """Ask each service, and leave out what a state here has. Changes nothing.

    Raises:
        StateError: A state cannot be read: nobody could say then what is an orphan.
        CloudError: AWS could not be asked.
    """
    cloud: Cloud = environment.open_cloud()
    known, applications = _known(environment.store), environment.store.applications()
    prices = price_list(cloud.region)
    found = [one for one in tagged(cloud) if not known.has(one)]
    return Orphans(
        region=cloud.region,
        orphans=tuple(
            _orphan(one, applications, cloud, prices) for one in sorted(found, key=_place)
        ),
        prices=", ".join(f"{one.source} ({one.date})" for one in prices.sources) or "none",
    )


class _Known:
    """What the states of this machine have.

    Attributes:
        ids: AWS's identifiers of what is there.
        intended: Logical names by run of what a run was about to make when it broke off: the next
            one takes it over.
    """

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.intended: dict[str, Collection[str]] = {}

    def has(self, one: Tagged) -> bool:
        """Whether this is one of them."""
        begun = one.resource.key in self.intended.get(one.deployment, ())
        return begun or one.resource.id in self.ids


def _known(store: Store) -> _Known:
    known = _Known()
    for pair in store.applications():
        for run in store.states(*pair):
            known.intended[run.id] = run.intended
            known.ids.update(run.snapshots)
            if run.secrets and run.secrets.id:
                known.ids.add(run.secrets.id)
        if application := store.application(*pair):
            known.ids.update(one.id for one in application.resources)
    return known


def _place(one: Tagged) -> tuple[str, ...]:
    return one.application, one.environment, one.resource.type, one.resource.key


def _orphan(
    one: Tagged, applications: Collection[tuple[str, str]], cloud: Cloud, prices: PriceList
) -> Orphan:
    costs = monthly(one.resource.type, one.record, prices)
    return Orphan(
        application=one.application,
        environment=one.environment,
        deployment=one.deployment,
        resource=one.resource,
        monthly_usd=None if costs is None else float(costs),
        removal=_removal(one, applications, cloud),
    )


def _removal(one: Tagged, applications: Collection[tuple[str, str]], cloud: Cloud) -> str:
    if one.resource.type in REMOVED_ALONE:
        return REMOVED_ALONE[one.resource.type].format(one.resource.id)
    said = f"{one.application} -e {one.environment}"
    removed = f"autodeploy destroy {said}"
    if (one.application, one.environment) in applications:
        return f"{removed} (all of it), or deploy again: what nothing asks for goes"
    where = "--target lab" if cloud.is_lab else f"--region {cloud.region}"
    return f"autodeploy adopt {said} {where}, then {removed}"
