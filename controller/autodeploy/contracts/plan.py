"""What would be done: data that prints, serialises and applies."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from autodeploy.contracts.base import Contract
from autodeploy.contracts.cost import Cost, CostChange
from autodeploy.contracts.drift import Difference
from autodeploy.contracts.forecast import Forecast, Outage


class Action(StrEnum):
    """What happens to one resource. NONE is an action like the others."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    NONE = "none"


class PlannedAction(Contract):
    """One resource's fate.

    Attributes:
        key: The resource's logical name in its application (`vpc`, `subnet-public-a`, `host-1`).
        type: CloudFormation's name of the kind (`AWS::EC2::VPC`).
        action: What happens.
        reason: Why, for people.
        id: AWS's identifier; None where there is none yet.
        properties: What it is to be, where that is made or changed: no secret, no key.
        outage: What users miss meanwhile; None for nothing.
    """

    key: str
    type: str
    action: Action
    reason: str
    id: str | None = None
    properties: dict[str, Any] = Field(default_factory=dict)
    outage: Outage | None = None


class Plan(Contract):
    """All actions, in an order in which they can be carried out.

    Attributes:
        actions: One a resource.
        basis: Digest of what existed, and of the surroundings that it was made in.
    """

    actions: tuple[PlannedAction, ...] = ()
    basis: str = ""

    def and_also(self, beside: PlannedAction | None) -> Plan:
        """With an action that another carries out."""
        more = (beside,) if beside else ()
        return self.model_copy(update={"actions": (*self.actions, *more)})

    @property
    def changes(self) -> bool:
        """Whether carrying it out would change anything."""
        return any(action.action is not Action.NONE for action in self.actions)

    @property
    def summary(self) -> dict[Action, int]:
        """How many resources each action happens to; those that happen to none are left out."""
        counts = Counter(one.action for one in self.actions)
        return {action: counts[action] for action in Action if counts[action]}


class Subject(Contract):
    """What a plan is of: it holds for nothing else.

    Attributes:
        application: Its name.
        environment: Its environment.
        target: aws, lab or ssh.
        region: AWS's region; None outside AWS.
        account: AWS's number of the account; None outside AWS.
        path: The application's folder in its repository; empty for the root.
        commit: The source's commit; None for a folder that is no git root.
        settings: What they say; of variables and secrets the names alone.
        stack: Digest of what was found in the folder.
        live_release: The release that takes traffic; None where nothing does.
        tool_version: Whose plan it is.
    """

    application: str
    environment: str
    target: str
    region: str | None
    account: str | None
    path: str
    commit: str | None
    settings: dict[str, Any]
    stack: str
    live_release: str | None
    tool_version: str


class SavedPlan(Contract):
    """A plan as a file keeps it, to be carried out later or refused. No secret is in it.

    Attributes:
        subject: What it is of.
        plan: What would be done to the infrastructure.
        release: Which release would be made, for people.
        cost: What that makes of the cost; None where nothing is provisioned.
        forecast: What it would take, and what users would notice.
        on_hosts: What would change on hosts that stay; None where nobody has looked.
    """

    version: Literal[1] = 1
    subject: Subject
    plan: Plan
    release: str = ""
    cost: CostChange | None = None
    forecast: Forecast | None = None
    on_hosts: tuple[Difference, ...] | None = None


class Prediction(Contract):
    """What a deployment foresaw of itself before it changed anything.

    Attributes:
        resources: One a resource; none on hosts that exist.
        forecast: What it would take.
        cost: What all would cost; None where nothing is provisioned, or no price list was there.
    """

    resources: tuple[PlannedAction, ...] = ()
    forecast: Forecast
    cost: Cost | None = None
