"""Which runtime a release has: the distribution's where it is what is asked for, else a build.

Never silently another version: what is not to be had is an error that says what there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autodeploy.compiler.image import images_with, newest, satisfies
from autodeploy.compiler.layers import Contents, Layers, Step
from autodeploy.compiler.talk import Talk
from autodeploy.compiler.toolchains import NodeBuilds, PythonBuilds, Store
from autodeploy.contracts import IMAGES, Image, Runtime, TechStack, brought
from autodeploy.errors import RuntimeUnsupported
from autodeploy.settings import Settings


class Builds(Protocol):
    """An ecosystem's own builds, for one processor."""

    def versions(self) -> list[str]:
        """All versions there are."""

    def identity(self, version: str) -> str:
        """What tells one build of a version from another."""

    def fetch(self, version: str) -> Path:
        """A version on this machine."""

    def contents(self, version: str) -> Contents:
        """What of a version a host needs."""


@dataclass(frozen=True)
class Choice:
    """A runtime that is decided on and not yet fetched.

    Attributes:
        version: The whole version; None where the host needs none.
        builds: Where it comes from; None for the distribution's.
    """

    version: str | None
    builds: Builds | None = None


def choose(stack: TechStack, settings: Settings, cache: Path, log: Talk) -> Choice:
    """Decide, and say where it is not the distribution's. Fetches a list of versions at most.

    Raises:
        RuntimeUnsupported: There is no such version.
        ToolMissing: Which versions there are is not to be had.
    """
    image = IMAGES[settings.image]
    has, declared = image.version(stack.language), stack.runtime_version.declared
    if has is None or declared is None or satisfies(stack.language, has, declared):
        return Choice(has)
    builds = builds_of(stack.language or "", settings.arch, Store(cache, log))
    version = decide(stack, image, builds.versions())
    log.info(
        f"{stack.language} {version} is brought along: {image.name} has {has}, "
        f"and {_wanted(stack)} asks for {declared}"
    )
    return Choice(version, builds)


def runtime(stack: TechStack, settings: Settings, cache: Path, log: Talk) -> Runtime:
    """The runtime of the release, fetched and packed where it is not the distribution's.

    Args:
        stack: For the language and the version that is asked for.
        settings: For the image and the processor.
        cache: The Compiler's folder.
        log: Told of what is fetched, and why.

    Raises:
        RuntimeUnsupported: There is no such version.
        ToolMissing: It is not to be had from here.
    """
    choice = choose(stack, settings, cache, log)
    if choice.builds is None or choice.version is None:
        return Runtime(language=stack.language, version=choice.version)
    builds, version = choice.builds, choice.version
    inputs = {"runtime": version, "build": builds.identity(version)}
    step = Step("runtime", inputs, lambda _before: builds.contents(version))
    layer = Layers(cache, log.warning).obtain(step, (), []).layer
    return brought(stack.language or "", version, layer)


def builds_of(language: str, arch: str, store: Store) -> Builds:
    """The builds of python or node."""
    return PythonBuilds(store, arch) if language == "python" else NodeBuilds(store, arch)


def decide(stack: TechStack, image: Image, versions: Sequence[str]) -> str:
    """The version to bring along.

    Raises:
        RuntimeUnsupported: None of `versions` is what is asked for.
    """
    language, asked = stack.language or "", stack.runtime_version
    declared = asked.declared or "*"
    version = newest(language, declared, asked.resolved, versions)
    if version is not None:
        return version
    there = ", ".join(f"{name} has {one.version(language)}" for name, one in IMAGES.items())
    builds = f"builds to bring along: {', '.join(_lines(language, versions)) or 'none'}"
    others = [name for name in images_with(language, declared) if name != image.name]
    raise RuntimeUnsupported(
        f"{_wanted(stack)} asks for {language} {declared}, and there is none",
        cause=f"{there}; {builds}",
        step="runtime",
        remediation=f"Set `image: {others[0]}` in autodeploy.yml."
        if others
        else "Declare a version that there is.",
    )


def _wanted(stack: TechStack) -> str:
    return stack.runtime_version.source or "the repository"


def _lines(language: str, versions: Sequence[str]) -> list[str]:
    lines = {Runtime(language=language, version=one).line for one in versions}
    return sorted(lines, key=lambda line: tuple(map(int, line.split("."))))
