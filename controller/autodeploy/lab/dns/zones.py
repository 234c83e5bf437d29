"""What a name server of Route 53's says, given its zones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from autodeploy.contracts import Contract

MOST_STEPS = 8
"""How many CNAMEs and aliases are followed: two that lead to each other have no end."""
ALIAS_TTL = 60
SOA_TTL = 900


class RecordSet(Contract):
    """Records of one name and type.

    Attributes:
        name: Absolute, in small letters, without the last dot; a wildcard begins with `*.`.
        type: Such as `A`.
        ttl: Seconds; None for an alias.
        values: As a zone file has them.
        alias: The name whose records these are; None where they have values of their own.
        alias_zone: Route 53's identifier of the zone that the alias is said to be in.
        identifier: What tells sets of one name and type apart.
    """

    name: str
    type: str
    ttl: int | None = None
    values: tuple[str, ...] = ()
    alias: str | None = None
    alias_zone: str | None = None
    identifier: str | None = None

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What a zone has once."""
        return self.name, self.type, self.identifier


class Zone(Contract):
    """A public hosted zone; its name as those of its records."""

    name: str
    records: tuple[RecordSet, ...]

    def at(self, name: str) -> list[RecordSet] | None:
        """The record sets of a name, wildcards considered; None where there is no such name."""
        if found := [one for one in self.records if one.name == name]:
            return found
        if self._is_there(name):
            return []
        while name != self.name:
            name = parent(name)
            if found := [one for one in self.records if one.name == f"*.{name}"]:
                return found
            if self._is_there(name):
                break
        return None

    def _is_there(self, name: str) -> bool:
        """Whether a name has records, or has names below it."""
        return any(within(one.name, name) for one in self.records)


class Status(Enum):
    """How a question was answered; the values are the DNS's."""

    FOUND = "NOERROR"
    NO_NAME = "NXDOMAIN"
    ELSEWHERE = "REFUSED"


@dataclass(frozen=True)
class Answer:
    """What is said to a question.

    Attributes:
        status: How it was answered; an answer without records has none of the type.
        records: With the owners that they are told for, none of them an alias.
        authority: The SOA of the zone, where there is no record to tell.
    """

    status: Status
    records: tuple[RecordSet, ...] = ()
    authority: RecordSet | None = None


Addresses = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class World:
    """All that the lab's name servers know.

    Attributes:
        zones: Route 53's public ones; of two with one name the first is the delegated one.
        addresses: The addresses of AWS's own names, such as a load balancer's.
    """

    zones: tuple[Zone, ...]
    addresses: Addresses

    def answer(self, name: str, type_: str, most: int = MOST_STEPS) -> Answer:
        """What a name's records of a type are; `most` names are looked at on the way there."""
        name = plain(name)
        told: list[RecordSet] = []
        for left in reversed(range(most)):
            zone = nearest(self.zones, name)
            sets = zone.at(name) if zone else self._own(name)
            if zone is None and sets is None:
                return Answer(Status.FOUND if told else Status.ELSEWHERE, tuple(told))
            found = self._of_type(name, sets or [], type_, left)
            if found:
                return Answer(Status.FOUND, (*told, *found))
            cname = next((one for one in sets or () if one.type == "CNAME"), None)
            if cname is None:
                status = Status.NO_NAME if sets is None else Status.FOUND
                return Answer(status, tuple(told), _soa(zone))
            told.append(cname.model_copy(update={"name": name}))
            name = plain(cname.values[0])
        return Answer(Status.FOUND, tuple(told))

    def _own(self, name: str) -> list[RecordSet] | None:
        found = tuple(self.addresses(name))
        return [RecordSet(name=name, type="A", ttl=ALIAS_TTL, values=found)] if found else None

    def _of_type(
        self, name: str, sets: Iterable[RecordSet], type_: str, most: int
    ) -> list[RecordSet]:
        found: list[RecordSet] = []
        for one in sets:
            if one.type == type_ and one.alias is None:
                found.append(one.model_copy(update={"name": name}))
            elif one.type == type_:
                there = self.answer(str(one.alias), type_, most).records
                values = tuple(
                    value for each in there if each.type == type_ for value in each.values
                )
                if values:
                    found.append(RecordSet(name=name, type=type_, ttl=ALIAS_TTL, values=values))
        return found


def nearest(zones: Iterable[Zone], name: str) -> Zone | None:
    """The innermost zone that a name is in."""
    around = [one for one in zones if within(name, one.name)]
    return max(around, key=lambda one: len(one.name), default=None)


def within(name: str, domain: str) -> bool:
    """Whether a name is a domain or in it."""
    return f".{name}".endswith(f".{domain}")


def parent(name: str) -> str:
    """The name without its first label."""
    return name.partition(".")[2]


def plain(name: str) -> str:
    """A name as zones have it; Route 53 writes a wildcard's asterisk by its number."""
    return name.lower().rstrip(".").replace("\\052", "*")


def record_set(said: Mapping[str, Any]) -> RecordSet:
    """A record set out of Route 53's `ResourceRecordSet`."""
    target = said.get("AliasTarget") or {}
    ttl = said.get("TTL")
    return RecordSet(
        name=plain(said["Name"]),
        type=said["Type"],
        ttl=None if ttl is None else int(ttl),
        values=tuple(one["Value"] for one in said.get("ResourceRecords") or ()),
        alias=plain(target["DNSName"]).removeprefix("dualstack.") if target else None,
        alias_zone=target.get("HostedZoneId"),
        identifier=said.get("SetIdentifier"),
    )


def _soa(zone: Zone | None) -> RecordSet | None:
    return next((one for one in zone.records if one.type == "SOA"), None) if zone else None
