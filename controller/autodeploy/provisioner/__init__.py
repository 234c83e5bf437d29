"""The Provisioner: from needs to AWS resources.

    surroundings  what the desired state depends on besides stack and settings
    desired       what should be: pure
      front         the load balancer's part of it
    observed      what is: one read a kind
    planner       both → Plan: every resource's fate, with its reason
    executor      does exactly what the plan says, side by side where it can
    deletion      takes everything away again
    admission     SSH, for as long as somebody works on the hosts

`plan` and `provision` go the same way; only the last step differs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from autodeploy.aws import Cloud
from autodeploy.contracts import InfrastructureSpec, Plan, Resource, TechStack
from autodeploy.journal import AgentLog
from autodeploy.provisioner.admission import admitted
from autodeploy.provisioner.deletion import delete_in_waves
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.executor import Executor
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Desired, Found, Instance, Site, in_order_of_deletion
from autodeploy.provisioner.observed import Observed, observe, read_all
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.patience import Patience
from autodeploy.provisioner.planner import decide, refuse_lost_keys
from autodeploy.provisioner.spec import spec_of
from autodeploy.provisioner.surroundings import surroundings
from autodeploy.settings import Settings

__all__ = ["Owner", "admitted", "destroy", "inventory_of", "plan", "provision"]


def plan(
    stack: TechStack, settings: Settings, cloud: Cloud, owner: Owner, folder: Path | None = None
) -> Plan:
    """What `provision` would do now. Reads only.

    Args:
        stack: What the application is made of.
        settings: Its settings.
        cloud: Where.
        owner: Whose the resources are.
        folder: The application's private folder; without it a lost key is not noticed.

    Raises:
        CloudError: AWS could not be asked, or what exists cannot be worked with.
    """
    return _planned(stack, settings, cloud, owner, Keys(folder) if folder else None)[0]


def provision(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    folder: Path,
    log: AgentLog,
    *,
    stop: threading.Event | None = None,
    on_hosts: Callable[[InfrastructureSpec], None] = lambda _: None,
) -> InfrastructureSpec:
    """Carry out the plan and wait until all of it can be used; what is half made is completed.

    Args:
        stack: What the application is made of.
        settings: Its settings.
        cloud: Where.
        owner: Whose the resources are.
        folder: The application's private folder: its keys live there, mode 0600.
        log: Where every mutating call is journalled before and after it is made.
        stop: Set by who wants it to end early.
        on_hosts: Hears of the hosts as soon as all of them run, in a spec of what is there by then.

    Raises:
        CloudError: AWS refused, or a resource did not become usable.
        Interrupted: `stop` was set.
    """
    keys = Keys(folder)
    with log.step("plan"):
        planned, resources, observed = _planned(stack, settings, cloud, owner, keys)
    patience = Patience(stop, log.info)
    site = Site(cloud, owner, keys, patience, observed.ids, dict(observed.ended))
    order = {one.key: number for number, one in enumerate(resources)}
    wanting = {one.key for one in resources if one.type == Instance.type}
    made: dict[str, Found] = {}

    def spec() -> InfrastructureSpec:
        found = sorted(made.values(), key=lambda one: order[one.key])
        return spec_of(found, stack, settings, owner, cloud.region, keys)

    for one in Executor(site, log).apply(planned, resources, observed.alive):
        made[one.key] = one
        if wanting and not (wanting := wanting - {one.key}):
            on_hosts(spec())
    return spec()


def destroy(cloud: Cloud, owner: Owner, folder: Path, log: AgentLog) -> tuple[Resource, ...]:
    """Remove everything that bears the owner's tags, then the keys; gives what was removed.

    Raises:
        CloudError: AWS refused; calling it again goes on.
    """
    keys = Keys(folder)
    alive = in_order_of_deletion(one for one in read_all(cloud, owner) if one.alive)
    with log.step("delete"):
        site = Site(cloud, owner, keys, Patience(tell=log.info))
        delete_in_waves(site, log, alive)
    keys.forget()
    return tuple(one.resource for one in alive)


def inventory_of(cloud: Cloud, owner: Owner) -> tuple[Resource, ...]:
    """Everything of the owner's that exists now, asked of each service."""
    return tuple(one.resource for one in read_all(cloud, owner) if one.alive)


def _planned(
    stack: TechStack, settings: Settings, cloud: Cloud, owner: Owner, keys: Keys | None
) -> tuple[Plan, tuple[Desired, ...], Observed]:
    observed = observe(cloud, owner)
    resources = desired(stack, settings, surroundings(cloud, observed, keys))
    planned = decide(resources, observed)
    if keys:
        refuse_lost_keys(planned, observed, keys)
    return planned, resources, observed
