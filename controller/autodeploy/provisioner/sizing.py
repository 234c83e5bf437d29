"""How large a host the stack needs. Pure, and monotone: a larger demand never gets less."""

from __future__ import annotations

from typing import NamedTuple

from autodeploy.contracts import TechStack

SYSTEM_MIB = 512
PROCESS_MIB = {"go": 128, "rust": 128, "static": 64, "java": 1024}
OTHER_PROCESS_MIB = 640


class Size(NamedTuple):
    """One size of EC2's families that burst, the same in all of them.

    Attributes:
        name: The part of a type behind the dot.
        memory: MiB.
        vcpus: How many threads.
    """

    name: str
    memory: int
    vcpus: int


SIZES = (
    Size("micro", 1024, 2),
    Size("small", 2048, 2),
    Size("medium", 4096, 2),
    Size("large", 8192, 2),
    Size("xlarge", 16384, 4),
    Size("2xlarge", 32768, 8),
)
FAMILIES = {"amd64": "t3", "arm64": "t4g"}
LADDERS = {
    arch: tuple((f"{family}.{size.name}", size.memory) for size in SIZES)
    for arch, family in FAMILIES.items()
}
"""Types and their MiB of memory, the smallest first, by the processor's architecture."""


def demand(stack: TechStack) -> int:
    """MiB of memory for the system and every process of the application."""
    each = PROCESS_MIB.get(stack.language or "", OTHER_PROCESS_MIB)
    return SYSTEM_MIB + each * max(1, len(stack.processes))


def instance_type(stack: TechStack, arch: str = "amd64") -> str:
    """The smallest type whose memory meets the demand; the largest one for more than any has."""
    needed, ladder = demand(stack), LADDERS[arch]
    return next((name for name, memory in ladder if memory >= needed), ladder[-1][0])
