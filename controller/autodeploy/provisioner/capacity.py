"""Where AWS has no room for a host: which zone and which type are tried next. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autodeploy.errors import CapacityMissing, CloudError, TypeNotOffered
from autodeploy.provisioner.sizing import FAMILIES, SIZES

MOST_TYPES = 4
NOT_IN_ZONE = "Unsupported"  # AWS's code where another zone may have the type
FROM = {
    "amd64": {"t3": "micro", "t3a": "micro", "t2": "medium", "m6i": "large", "m7i": "large"},
    "arm64": {"t4g": "micro", "m7g": "large", "m6g": "large"},
}
"""Families that can stand for each other, the dearer ones last, from the size at which each has the
memory and the threads that the ladder says: a t2.small has one thread only."""


class Attempt(NamedTuple):
    """One way to get a host: the type, and its subnet's logical name."""

    instance_type: str
    subnet: str


def comparable(wanted: str) -> tuple[str, ...]:
    """The type and what can stand for it: of its size, then of the next; none is smaller.

    A type that is not of the ladder stands alone.
    """
    family, _, size = wanted.partition(".")
    names = [one.name for one in SIZES]
    arch = next((arch for arch, of_ladder in FAMILIES.items() if of_ladder == family), None)
    if arch is None or size not in names:
        return (wanted,)
    place = names.index(size)
    found = [
        f"{one}.{names[at]}"
        for at in range(place, min(place + 2, len(names)))
        for one, first in FROM[arch].items()
        if at >= names.index(first)
    ]
    return tuple(found[:MOST_TYPES])


def is_smaller(one: str, other: str) -> bool:
    """Whether a type has less memory than another, as far as both are known here."""
    first, second = _memory(one), _memory(other)
    return first is not None and second is not None and first < second


def _memory(kind: str) -> int | None:
    """MiB of a type of the families above; None for others."""
    family, _, size = kind.partition(".")
    known = any(family in families for families in FROM.values())
    return next((one.memory for one in SIZES if known and one.name == size), None)


def attempts(wanted: str, subnets: Sequence[str], *, flexible: bool) -> tuple[Attempt, ...]:
    """All ways to get a host, in order: a type in every zone before another type.

    Args:
        wanted: EC2's type.
        subnets: Logical names of the subnets that it may be in, the preferred one first.
        flexible: Whether another type may stand for it: not where the user chose it.
    """
    types = comparable(wanted) if flexible else (wanted,)
    return tuple(Attempt(one, place) for one in types for place in subnets)


def after(failed: Attempt, left: Sequence[Attempt], refusal: CloudError) -> tuple[Attempt, ...]:
    """What is still worth trying, of what is left, after a refusal; nothing for most of them."""
    if isinstance(refusal, CapacityMissing) or refusal.code == NOT_IN_ZONE:
        return tuple(left)
    if isinstance(refusal, TypeNotOffered):
        return tuple(one for one in left if one.instance_type != failed.instance_type)
    return ()


def candidates(wanted: str, arch: str) -> tuple[str, ...]:
    """The types to ask for where a type is not to be had: itself, and what it could have been."""
    like = comparable(wanted)
    ladder = tuple(f"{FAMILIES[arch]}.{size.name}" for size in SIZES)
    return like if len(like) > 1 else (wanted, *ladder)


def advice(wanted: str, offers: Mapping[str, Sequence[str]]) -> str | None:
    """What to do where a type is not to be had.

    Args:
        wanted: EC2's type.
        offers: The zones of the region that offer each of some types.
    """
    others = ", ".join(one for one in offers if one != wanted)
    instead = f"give another --instance-type: the region has {others}" if others else None
    zones = ", ".join(sorted(offers.get(wanted, ())))
    if zones:
        there = f"{wanted} is offered in {zones}: give a --vpc-id with public subnets there"
        return f"{there}, or {instead}." if instead else f"{there}."
    return f"{instead[0].upper()}{instead[1:]}." if instead else None


def given_up(refusal: CloudError, tried: Sequence[Attempt], hint: str | None) -> CloudError:
    """The error where nothing is left to try: what was tried, and what else there is."""
    types = ", ".join(dict.fromkeys(one.instance_type for one in tried))
    places = ", ".join(dict.fromkeys(one.subnet for one in tried))
    return type(refusal)(
        f"{refusal.message}: tried {types} in {places}",
        cause=refusal.cause,
        action=refusal.action,
        code=refusal.code,
        remediation=hint,
    )
