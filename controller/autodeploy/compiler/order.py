"""What is to be built, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autodeploy.contracts import Runtime, Source, TechStack
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Order:
    """An application to build.

    Attributes:
        application: Its name: no other's builds touch what its builds have fetched.
        source: The repository; nothing is written to its checkout.
        stack: What it is made of, the settings already over it.
        settings: The hosts' image, the time limit.
        runtime: What runs it on the hosts.
        cache: A private folder of the Compiler's own.
    """

    application: str
    source: Source
    stack: TechStack
    settings: Settings
    runtime: Runtime
    cache: Path
