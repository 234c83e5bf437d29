"""What is planned, and of what: what should be beside what is. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autodeploy.aws import Cloud
from autodeploy.contracts import Action, Plan, PlannedAction, TechStack
from autodeploy.provisioner.approval import basis
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Database, Desired, Instance
from autodeploy.provisioner.observed import Observed, observe
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.planner import decide, refuse_lost_keys, refuse_to_move
from autodeploy.provisioner.surroundings import Surroundings, surroundings
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made of.

    Attributes:
        plan: Every resource's fate.
        resources: What should be.
        observed: What is.
        beside: What another does to a resource that is no work of ours: the application's secrets.
    """

    plan: Plan
    resources: tuple[Desired, ...]
    observed: Observed
    beside: PlannedAction | None = None

    @property
    def whole(self) -> Plan:
        """The plan as people see it."""
        return self.plan.and_also(self.beside)

    @property
    def resized(self) -> list[Instance]:
        """The hosts that are to be stopped for another type."""
        alive = self.observed.alive
        hosts = [one for one in self.resources if isinstance(one, Instance) and one.key in alive]
        return [one for one in hosts if one.gets_type(alive[one.key])]

    @property
    def ends_a_database(self) -> bool:
        """Whether a database is deleted, or another takes its place."""
        ends = {Action.DELETE, Action.REPLACE}
        return any(one.type == Database.type and one.action in ends for one in self.plan.actions)

    @property
    def hosts(self) -> list[str]:
        """The keys of all hosts that are wanted, or stay until others have taken their place."""
        wanted = [one.key for one in self.resources if one.type == Instance.type]
        return [*wanted, *(one.key for one in self.observed.leaving)]


def planned(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    keys: Keys | None,
    *,
    yes_data: bool,
    replaced: frozenset[str] = frozenset(),
    beside: PlannedAction | None = None,
) -> Planned:
    """The plan, with what it holds for; for the arguments see `provision`.

    Raises:
        StateError: A key that hosts were made with is lost.
        CloudError: AWS could not be asked, or what exists cannot be worked with.
    """
    around, resources, observed = looked(stack, settings, cloud, owner, keys, replaced)
    plan = decide(resources, observed, yes_data=yes_data)
    plan = plan.model_copy(update={"basis": basis(observed, around)})
    if keys:
        refuse_lost_keys(plan, observed, keys)
    return Planned(plan, resources, observed, beside)


def looked(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    keys: Keys | None,
    replaced: frozenset[str] = frozenset(),
) -> tuple[Surroundings, tuple[Desired, ...], Observed]:
    """In which surroundings what should be, and what is."""
    observed = replace(observe(cloud, owner, settings.vpc_id), replaced=replaced)
    refuse_to_move(observed, settings.vpc_id)
    around = surroundings(cloud, stack, settings, observed, keys)
    observed = replace(observed, foreign=around.foreign)
    return around, desired(stack, settings, around), observed
