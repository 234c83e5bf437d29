"""What the play over the hosts is told of hardening them, before anybody reaches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Facts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Securing:
    """How hosts are hardened: what it means is the Sheriff's.

    Attributes:
        variables: Of the role that hardens.
        secured: Names of the hosts that are left as they are.
        agents: Whose steps a role's are, by role.
        note: Called once hosts are prepared and secured, with what modules have reported, by
            host alias.
    """

    variables: Mapping[str, Any]
    secured: frozenset[str]
    agents: Mapping[str, str] = field(default_factory=dict)
    note: Callable[[Facts], object] = lambda _facts: None
