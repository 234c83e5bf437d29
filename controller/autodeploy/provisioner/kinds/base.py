"""What all kinds of resources have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar, TypeVar

from autodeploy.aws import Cloud
from autodeploy.contracts import Outage, Resource
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.owner import RESOURCE, Owner, tags_of
from autodeploy.provisioner.patience import Patience

T = TypeVar("T")
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
        ours: False for what AWS lists beside the owner's.
    """

    key: str
    type: str
    id: str
    record: Mapping[str, Any]
    alive: bool = True
    ours: bool = True

    @property
    def resource(self) -> Resource:
        """It, as other agents know it."""
        return Resource(key=self.key, type=self.type, id=self.id)


@dataclass
class Site:
    """What creating needs to know.

    Attributes:
        patience: How to wait; it ends when the work is given up.
        ids: AWS's identifiers by logical name, of all that exists by now.
        ended: How many resources of a logical name AWS lists that have ended.
        addresses: The public addresses of the owner's hosts, before anything is done.
        foreign: The logical names among `ids` of what is not ours: it is used, never changed.
        disruption: Held by who takes a host out of service: one at a time.
    """

    cloud: Cloud
    owner: Owner
    keys: Keys
    patience: Patience
    ids: dict[str, str] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    addresses: AbstractSet[str] = frozenset()
    foreign: AbstractSet[str] = frozenset()
    disruption: threading.Lock = field(default_factory=threading.Lock)
    _known: dict[Hashable, Any] = field(default_factory=dict)
    _asking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ours(self) -> dict[str, str]:
        """The `ids` of what is the owner's; a copy, for others add to them meanwhile."""
        return {key: id_ for key, id_ in dict(self.ids).items() if key not in self.foreign}

    def once(self, what: Hashable, ask: Callable[[], T]) -> T:
        """What `ask` gives: it is asked one time, however many need it."""
        with self._asking:
            if what not in self._known:
                self._known[what] = ask()
            found: T = self._known[what]
            return found


@dataclass(frozen=True)
class Look:
    """A look at what is there.

    Attributes:
        ids: AWS's identifiers by logical name, of what earlier waves have found.
        linked: Identifiers that what they have found names as its own.
        vpc: The VPC that the owner's network is to be in where that is not its own.
        noted: Logical names of what the journal says was made, whether it is there or not.
    """

    cloud: Cloud
    owner: Owner
    ids: Mapping[str, str] = field(default_factory=dict)
    linked: AbstractSet[str] = frozenset()
    vpc: str | None = None
    noted: AbstractSet[str] = frozenset()

    def ever_had(self, key: str) -> bool:
        """Whether the owner has this, or had it: what it came with may have outlived it."""
        return key in self.ids or key in self.noted

    @property
    def ours(self) -> frozenset[str]:
        """Identifiers of what earlier waves have found."""
        return frozenset(self.ids.values())

    def tagged(self, operation: str, field: str) -> Iterator[Mapping[str, Any]]:
        """What EC2 lists, in `field` of an operation's pages, with the owner's tags."""
        return self._filtered(operation, field, self.owner.filters)

    def in_network(self, operation: str, field: str) -> Iterator[Mapping[str, Any]]:
        """The same of parts of a network: those with the owner's tags, or all that are in `vpc`."""
        inside = [{"Name": "vpc-id", "Values": [self.vpc]}]
        return self._filtered(operation, field, inside if self.vpc else self.owner.filters)

    def _filtered(self, operation: str, field: str, filters: Any) -> Iterator[Mapping[str, Any]]:
        pages: Any = self.cloud.ec2().get_paginator(operation)  # type: ignore[call-overload]
        for page in pages.paginate(Filters=filters):
            yield from page[field]


@dataclass(frozen=True)
class Step:
    """One idempotent call that a half-made resource still lacks.

    Attributes:
        reason: What is missing, for people.
        call: Makes it.
        outage: What users miss meanwhile; None for nothing.
    """

    reason: str
    call: Callable[[Site], object]
    outage: Outage | None = None


@dataclass(frozen=True)
class Desired(ABC):
    """A resource as it should be; each kind adds its parameters as fields.

    The fields, `needs`, `lacks`, `outdated`, `conflict` and `drift` are pure; the other methods
    call AWS.

    Attributes:
        type: CloudFormation's name of the kind.
        id_field: Where AWS's descriptions have the identifier.
        wave: When the kind is read: after those of lower waves, whose finds it is given.
        deletion_seconds: For how long its deletion may be refused before that is an error.
        replacing: What users miss while one takes the place of another, for people; None for
            nothing.
        unsaid: Fields that no plan tells.
        key: The resource's logical name.
    """

    type: ClassVar[str]
    id_field: ClassVar[str]
    wave: ClassVar[int] = 0
    deletion_seconds: ClassVar[float] = 180
    replacing: ClassVar[str | None] = None
    unsaid: ClassVar[frozenset[str]] = frozenset({"key"})
    key: str

    @property
    def needs(self) -> tuple[str, ...]:
        """Logical names of what must be ready before this can be made."""
        return ()

    @property
    def properties(self) -> dict[str, Any]:
        """What it should be, as JSON has it."""
        return {name: one for name, one in _as_json(self).items() if name not in self.unsaid}

    @classmethod
    @abstractmethod
    def describe(cls, look: Look) -> Iterable[Mapping[str, Any]]:
        """AWS's descriptions of what may be the owner's: one read."""

    @abstractmethod
    def create(self, site: Site, intend: Intend) -> Found:
        """Make it, with its tags; what takes further calls is left to `lacks`."""

    @classmethod  # noqa: B027  most kinds hold nothing of their like
    def loosen(cls, cloud: Cloud, found: Found) -> None:
        """Let go of others of its kind, so that they can be deleted in any order."""

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

    def conflict(self, found: Found) -> str | None:  # noqa: ARG002
        """Why `found` can be neither used nor replaced, for people; None where it can."""
        return None

    def drift(self, found: Found) -> str | None:  # noqa: ARG002
        """What differs and is left as it is, for people."""
        return None

    def ready(self, site: Site, found: Found) -> Found:  # noqa: ARG002
        """Wait until others can use it, and give it as it is then."""
        return found

    @classmethod  # noqa: B027  most kinds are gone when the call returns
    def await_deleted(cls, cloud: Cloud, found: Sequence[Found], patience: Patience) -> None:
        """Wait until those whose deletion has begun no longer hold other resources."""

    @classmethod
    def is_alive(cls, record: Mapping[str, Any]) -> bool:  # noqa: ARG003
        """Whether what AWS lists still exists."""
        return True

    @classmethod
    def holds_data(cls, found: Found) -> bool:  # noqa: ARG003
        """Whether it holds data of the user's, so that it is not taken away by the way."""
        return False

    @classmethod
    def loss(cls, found: Found) -> str | None:  # noqa: ARG003
        """What users lose with it, for people; None where nothing asks for it from outside."""
        return None

    @classmethod
    def links(cls, record: Mapping[str, Any]) -> Iterable[str]:  # noqa: ARG003
        """Identifiers of what a description of ours names, and which is ours by that."""
        return ()

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:
        """The logical name of what AWS describes: from its tag, where descriptions have tags."""
        return tags_of(record).get(RESOURCE, "")

    @classmethod
    def found(cls, record: Mapping[str, Any]) -> Found:
        """AWS's description, with what we need of it."""
        identifier = str(record[cls.id_field])
        return Found(cls.key_of(record), cls.type, identifier, record, cls.is_alive(record))

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """Whether a description is the owner's: all our tags, or a place in what is ours."""
        return look.owner.owns(tags_of(record))

    @classmethod
    def listed(cls, look: Look) -> list[Found]:
        """All resources of this kind that the one read shows, also those of others."""
        return [replace(cls.found(one), ours=cls.belongs(look, one)) for one in cls.describe(look)]

    @classmethod
    def observe(cls, look: Look) -> list[Found]:
        """All resources of this kind that are the owner's."""
        return [one for one in cls.listed(look) if one.ours]


def _as_json(value: Any) -> Any:
    """A field's value as JSON has it: sets are lists in order, named tuples are objects."""
    if is_dataclass(value):
        return {one.name: _as_json(getattr(value, one.name)) for one in fields(value)}
    if hasattr(value, "_asdict"):
        return {name: _as_json(one) for name, one in value._asdict().items()}
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    if isinstance(value, AbstractSet):
        return sorted((_as_json(one) for one in value), key=str)
    return value
