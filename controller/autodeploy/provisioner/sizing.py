"""How large a host the stack needs. Pure, and monotone: a larger demand never gets less."""

from __future__ import annotations

from autodeploy.contracts import TechStack

SYSTEM_MIB = 512
PROCESS_MIB = {"go": 128, "rust": 128, "static": 64, "java": 1024}
OTHER_PROCESS_MIB = 640
LADDER = (
    ("t3.micro", 1024),
    ("t3.small", 2048),
    ("t3.medium", 4096),
    ("t3.large", 8192),
    ("t3.xlarge", 16384),
    ("t3.2xlarge", 32768),
)


def demand(stack: TechStack) -> int:
    """MiB of memory for the system and every process of the application."""
    each = PROCESS_MIB.get(stack.language or "", OTHER_PROCESS_MIB)
    return SYSTEM_MIB + each * max(1, len(stack.processes))


def instance_type(stack: TechStack) -> str:
    """The smallest type whose memory meets the demand; the largest one for more than any has."""
    needed = demand(stack)
    return next((name for name, memory in LADDER if memory >= needed), LADDER[-1][0])
