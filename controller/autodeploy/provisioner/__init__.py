"""The Provisioner: from needs to AWS resources.

    surroundings  what the desired state depends on besides stack and settings
      foreign       the network that is used where it is not one of its own
    desired       what should be: pure
      front         the load balancer's part of it
      alarms        who is told when, of what there is
    observed      what is: one read a kind
    planner       both → Plan: every resource's fate, with its reason
    planning      from the first of these to the last
    differences   both, and the state → what is otherwise
    pricing       what things cost
    costs         what a plan makes of that
    preflight     who we are in the account, what we may, how much there may be
    approval      whether a plan that was approved still is that Plan
    provisioning  a plan carried out
      executor      does exactly what the plan says, side by side where it can
    deletion      takes everything away again
    retirement    takes hosts away that others have taken the place of
    hostlook      what AWS says of the hosts now
    snapshots     what is left of databases then
    adoption      what the account itself tells, where the state is lost
    tagged        what bears our tags, whosever it is
    admission     SSH, for as long as somebody works on the hosts
    present       the managed database that an application has, asked of RDS
    passwords     a database's and a cache's, for who tells the application
    metrics       what CloudWatch has measured of it
    existing      hosts that exist, for the target ssh: looked at, nothing is made

`plan` and `provision` go the same way; only the last step differs.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autodeploy import stopping
from autodeploy.aws import Cloud
from autodeploy.contracts import (
    ApplicationState,
    CostChange,
    Difference,
    Plan,
    PlannedAction,
    Resource,
    TechStack,
)
from autodeploy.journal import AgentLog
from autodeploy.provisioner.admission import admitted
from autodeploy.provisioner.adoption import Adopted, adopted
from autodeploy.provisioner.costs import costs
from autodeploy.provisioner.deletion import delete_in_waves, refuse_others
from autodeploy.provisioner.differences import differences
from autodeploy.provisioner.dns import ADDRESS_TTL, forget_address, lead
from autodeploy.provisioner.existing import find_hosts, reach_hosts
from autodeploy.provisioner.hostlook import HostSeen, hosts_seen
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Site, in_order_of_deletion
from autodeploy.provisioner.limits import ask_wanted
from autodeploy.provisioner.metrics import measured
from autodeploy.provisioner.observed import read_all
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.passwords import Login, passwords, secret_text
from autodeploy.provisioner.patience import Patience
from autodeploy.provisioner.planning import looked, planned
from autodeploy.provisioner.preflight import needs_of
from autodeploy.provisioner.present import managed_database
from autodeploy.provisioner.pricing import cost_of
from autodeploy.provisioner.provisioning import provision
from autodeploy.provisioner.retirement import retire
from autodeploy.provisioner.snapshots import tell_snapshots
from autodeploy.settings import Settings

__all__ = [
    "ADDRESS_TTL",
    "Adopted",
    "HostSeen",
    "Login",
    "Owner",
    "admitted",
    "adopted",
    "cost_of",
    "destroy",
    "drift",
    "find_hosts",
    "forget_address",
    "hosts_seen",
    "inventory_of",
    "lead",
    "managed_database",
    "measured",
    "passwords",
    "plan",
    "provision",
    "reach_hosts",
    "refuse_shared",
    "retire",
    "secret_text",
    "tell_snapshots",
]


def plan(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    folder: Path | None = None,
    *,
    yes_data: bool = False,
    beside: PlannedAction | None = None,
) -> tuple[Plan, CostChange]:
    """What `provision` would do now, and what that makes of the cost. Reads only.

    Args:
        stack: What the application is made of.
        settings: Its settings.
        cloud: Where.
        owner: Whose the resources are.
        folder: The application's private folder; without it a lost key is not noticed.
        yes_data: Whether a database may be deleted, after a last snapshot.
        beside: What is done to the application's secrets, which is no work of ours.

    Raises:
        TypeNotOffered: There is no instance type as the settings name.
        StateError: The prices that were refreshed cannot be read.
        CloudError: AWS could not be asked, or what exists cannot be worked with.
    """
    keys = Keys(folder) if folder else None
    found = planned(stack, settings, cloud, owner, keys, yes_data=yes_data, beside=beside)
    if settings.instance_type:
        new = needs_of(found.plan, found.resources).hosts
        ask_wanted(cloud, [*new, *found.resized])
    return found.whole, costs(found, settings, cloud, owner)


def drift(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    folder: Path,
    known: ApplicationState,
) -> tuple[Difference, ...]:
    """What `plan` would find to do, also where that is refused, and what the state has otherwise.

    Reads only. Raises as `plan` does, but for what exists being otherwise.
    """
    _, resources, observed = looked(stack, settings, cloud, owner, Keys(folder))
    return differences(resources, observed, known.resources, known.hosts)


def destroy(
    cloud: Cloud,
    owner: Owner,
    folder: Path,
    log: AgentLog,
    noted: Iterable[str] = (),
) -> tuple[Resource, ...]:
    """Remove everything that bears the owner's tags, then the keys; gives what was removed.

    Of a database a last snapshot is kept, which the log names.

    Args:
        cloud: Where.
        owner: Whose.
        folder: The application's private folder, where its keys are.
        log: Where each call is journalled before and after it is made.
        noted: As in `read_all`.

    Raises:
        CloudError: AWS refused; calling it again goes on.
    """
    keys = Keys(folder)
    alive = in_order_of_deletion(one for one in read_all(cloud, owner, noted) if one.alive)
    with log.step("delete"):
        site = Site(cloud, owner, keys, Patience(stopping.asked, log.info, cloud.pace))
        delete_in_waves(site, log, alive)
        tell_snapshots(cloud, owner, log)
    keys.forget()
    return tuple(one.resource for one in alive)


def refuse_shared(cloud: Cloud, owner: Owner, noted: Iterable[str] = ()) -> None:
    """Refuse to undo the owner's deployment where not all that there is, is its work. Reads only.

    Raises:
        RollbackRefused: Another deployment has made some of it.
        CloudError: AWS could not be asked.
    """
    alive = (one for one in read_all(cloud, owner, noted) if one.alive)
    refuse_others(alive, owner.deployment)


def inventory_of(cloud: Cloud, owner: Owner, noted: Iterable[str] = ()) -> tuple[Resource, ...]:
    """Everything of the owner's that exists now, asked of each service."""
    return tuple(one.resource for one in read_all(cloud, owner, noted) if one.alive)
