"""What is otherwise than it was left."""

from __future__ import annotations

from typing import Literal

from autodeploy.contracts.base import Contract


class Difference(Contract):
    """One thing that is otherwise.

    Attributes:
        host: On which host; None for what is AWS's.
        what: A resource's logical name, a task of the roles, or a path below the application's
            folder.
        kind: `missing` is gone, `surplus` nobody asked for, `unreachable` could not be looked at,
            `none` says of a host that was looked at that nothing is (`plan --detailed`).
        reason: How it differs, for people, a line each.
        type: CloudFormation's name of a resource's kind; None for all else.
        id: AWS's identifier of a resource; None for all else, and for what is gone.
    """

    host: str | None = None
    what: str
    kind: Literal["missing", "changed", "surplus", "unreachable", "none"]
    reason: tuple[str, ...]
    type: str | None = None
    id: str | None = None


class Drift(Contract):
    """All that differs from what the live deployment left.

    Attributes:
        deployment: The live deployment.
        differences: AWS's, then the hosts'.
        unchecked: What could not be compared, and why.
    """

    deployment: str
    differences: tuple[Difference, ...]
    unchecked: tuple[str, ...] = ()
