"""What would be done: data that prints, serialises and applies."""

from __future__ import annotations

from enum import StrEnum

from autodeploy.contracts.base import Contract


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
    """

    key: str
    type: str
    action: Action
    reason: str
    id: str | None = None


class Plan(Contract):
    """All actions, in an order in which they can be carried out."""

    actions: tuple[PlannedAction, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether carrying it out would change anything."""
        return any(action.action is not Action.NONE for action in self.actions)
