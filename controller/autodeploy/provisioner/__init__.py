"""The Provisioner: from needs to AWS resources.

    desired   what should be: pure, from TechStack, settings and surroundings
    observed  what is, asked by tags: one read a kind
    planner   both → Plan: every resource's fate, with its reason
    executor  does exactly what the plan says
    deletion  takes everything away again

`plan` and `provision` go the same way; only the last step differs.
"""

from __future__ import annotations

from pathlib import Path

from autodeploy.aws import Cloud
from autodeploy.contracts import Host, InfrastructureSpec, Plan, Resource, TechStack
from autodeploy.journal import AgentLog
from autodeploy.provisioner.deletion import delete_all
from autodeploy.provisioner.desired import ingress_ports
from autodeploy.provisioner.executor import Executor
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import KINDS, Desired, Found, Instance, Site
from autodeploy.provisioner.kinds.instance import await_running, image_of
from autodeploy.provisioner.observed import Observed, observe, wanted
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.planner import decide, refuse_lost_keys
from autodeploy.settings import Settings

__all__ = ["Owner", "destroy", "inventory_of", "plan", "provision"]


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
) -> InfrastructureSpec:
    """Carry out the plan and wait until the hosts run; what is half made is completed.

    Args:
        stack: What the application is made of.
        settings: Its settings.
        cloud: Where.
        owner: Whose the resources are.
        folder: The application's private folder: its keys live there, mode 0600.
        log: Where every mutating call is journalled before and after it is made.

    Raises:
        CloudError: AWS refused, or a resource did not become usable.
    """
    keys = Keys(folder)
    with log.step("plan"):
        planned, resources, observed = _planned(stack, settings, cloud, owner, keys)
    site = Site(cloud, owner, keys, observed.ids, dict(observed.ended))
    made = Executor(site, log).apply(planned, resources, observed.alive)
    running = [_running(cloud, keys, one, log) for one in made if one.type == Instance.type]
    return InfrastructureSpec(
        application=owner.application,
        environment=owner.environment,
        target=settings.target,
        region=cloud.region,
        image=running[0][1],
        resources=tuple(one.resource for one in made),
        hosts=tuple(host for host, _ in running),
        ssh_key=keys.login_key,
        ingress_ports=ingress_ports(),
    )


def destroy(cloud: Cloud, owner: Owner, folder: Path, log: AgentLog) -> tuple[Resource, ...]:
    """Remove everything that bears the owner's tags, then the keys; gives what was removed.

    Raises:
        CloudError: AWS refused; calling it again goes on.
    """
    with log.step("delete"):
        removed = delete_all(cloud, owner, log)
    Keys(folder).forget()
    return tuple(one.resource for one in removed)


def inventory_of(cloud: Cloud, owner: Owner) -> tuple[Resource, ...]:
    """Everything of the owner's that exists now, asked of each service by tag."""
    found = [one for kind in KINDS for one in kind.observe(cloud, owner)]
    return tuple(one.resource for one in found if one.alive)


def _planned(
    stack: TechStack, settings: Settings, cloud: Cloud, owner: Owner, keys: Keys | None
) -> tuple[Plan, tuple[Desired, ...], Observed]:
    observed = observe(cloud, owner)
    resources = wanted(stack, settings, cloud, observed, keys)
    planned = decide(resources, observed)
    if keys:
        refuse_lost_keys(planned, observed, keys)
    return planned, resources, observed


def _running(cloud: Cloud, keys: Keys, found: Found, log: AgentLog) -> tuple[Host, str]:
    """The host, once it runs, and the image that it was made from."""
    with log.step("start", host=found.key):
        record = await_running(cloud, found)
    host = Host(
        name=found.key,
        address=str(record["PublicIpAddress"]),
        private_address=record.get("PrivateIpAddress"),
        instance_id=found.id,
        host_key=keys.make_host_key(found.key)[1],
    )
    return host, image_of(record)
