"""What all kinds of resources have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from autodeploy.aws import Cloud
from autodeploy.contracts import Resource
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.owner import RESOURCE, Owner, tags_of

Intend = Callable[..., None]
"""To be called right before a creating call, with its `token` where it has one."""


@dataclass(frozen=True)
class Found:
    """A resource that AWS says exists.

    Attributes:
        key: Its logical name, from its tag.
        type: CloudFormation's name of its kind.
        id: AWS's identifier.
        record: AWS's description of it.
        alive: False for what AWS still lists though it has ended.
    """

    key: str
    type: str
    id: str
    record: Mapping[str, Any]
    alive: bool = True

    @property
    def resource(self) -> Resource:
        """It, as other agents know it."""
        return Resource(key=self.key, type=self.type, id=self.id)


@dataclass
class Site:
    """What creating needs to know.

    Attributes:
        ids: AWS's identifiers by logical name, of all that exists by now.
        ended: How many resources of a logical name AWS lists that have ended.
    """

    cloud: Cloud
    owner: Owner
    keys: Keys
    ids: dict[str, str] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One idempotent call that a half-made resource still lacks.

    Attributes:
        reason: What is missing, for people.
        call: Makes it.
    """

    reason: str
    call: Callable[[Site], object]


@dataclass(frozen=True)
class Desired(ABC):
    """A resource as it should be; each kind adds its parameters as fields.

    The fields and `lacks`, `drift` and `obstacle` are pure; the other methods call AWS.
    """

    type: ClassVar[str]
    id_field: ClassVar[str]
    key: str

    @classmethod
    @abstractmethod
    def describe(cls, cloud: Cloud, owner: Owner) -> Iterable[Mapping[str, Any]]:
        """AWS's descriptions of all resources of this kind with the owner's tags: one read."""

    @abstractmethod
    def create(self, site: Site, intend: Intend) -> Found:
        """Make it, with its tags; what takes further calls is left to `lacks`."""

    @classmethod
    @abstractmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """Begin to delete it; that it is gone already shows as a NotFound error."""

    def lacks(self, found: Found, ids: Mapping[str, str]) -> Sequence[Step]:  # noqa: ARG002
        """What is still to do for `found` to be this; nothing for a whole one."""
        return ()

    def outdated(self, found: Found) -> str | None:  # noqa: ARG002
        """Why `found` must be replaced, for people; None where it need not."""
        return None

    def drift(self, found: Found) -> str | None:  # noqa: ARG002
        """What differs and is left as it is, for people."""
        return None

    @classmethod  # noqa: B027  most kinds are gone when the call returns
    def await_deleted(cls, cloud: Cloud, found: Sequence[Found]) -> None:
        """Wait until those whose deletion has begun no longer hold other resources."""

    @classmethod
    def is_alive(cls, record: Mapping[str, Any]) -> bool:  # noqa: ARG003
        """Whether what AWS lists still exists."""
        return True

    @classmethod
    def found(cls, record: Mapping[str, Any]) -> Found:
        """AWS's description, with what we need of it."""
        key = tags_of(record).get(RESOURCE, "")
        identifier = str(record[cls.id_field])
        return Found(key, cls.type, identifier, record, cls.is_alive(record))

    @classmethod
    def observe(cls, cloud: Cloud, owner: Owner) -> list[Found]:
        """All resources of this kind that are the owner's."""
        records = cls.describe(cloud, owner)
        return [cls.found(record) for record in records if owner.owns(tags_of(record))]
