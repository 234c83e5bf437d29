"""One build: what it is of, its temporary folder and its shell."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autodeploy.compiler.environ import build_environment
from autodeploy.compiler.layers import Step
from autodeploy.compiler.shell import Shell
from autodeploy.compiler.tools import Tool, choose
from autodeploy.compiler.tree import Tree
from autodeploy.contracts import IMAGES, Image, Source, TechStack
from autodeploy.journal import AgentLog
from autodeploy.paths import private_folder
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Job:
    """What a builder works with.

    Attributes:
        stack: The stack, `processes` with `web` in it.
        settings: The settings.
        image: What the hosts are.
        tree: The source's files.
        tool: The build tool.
        cache: The Compiler's folder, shared by all builds.
        work: A folder of this build that is gone after it.
        shell: Runs its commands.
        log: The Compiler's log.
    """

    stack: TechStack
    settings: Settings
    image: Image
    tree: Tree
    tool: Tool
    cache: Path
    work: Path
    shell: Shell
    log: AgentLog

    def copy(self, name: str = "source") -> Path:
        """A copy of the source to build in; the checkout itself is never written to."""
        folder = self.work / name
        if not folder.exists():
            self.tree.copy(folder)
        return folder


class Builder(Protocol):
    """What an ecosystem knows of one application.

    Attributes:
        path: As in `BuildArtifact`.
        environment: As in `BuildArtifact`.
        processes: As in `BuildArtifact`.
        release_command: As in `BuildArtifact`.
    """

    path: tuple[str, ...]
    environment: dict[str, str]
    processes: dict[str, str]
    release_command: str | None

    def __init__(self, job: Job) -> None: ...

    def steps(self) -> list[Step]:
        """The layers to make: dependencies first, where there are any, source last."""


@contextmanager
def job(
    source: Source, stack: TechStack, settings: Settings, cache: Path, log: AgentLog
) -> Iterator[Job]:
    """Open a build's folder and shell; both are gone at the end, whatever happened."""
    tree = Tree(source)
    tool = choose(stack.language, stack.package_manager, tree.names)
    builds = private_folder(cache / "builds")
    _sweep(builds)
    prefix = f"{os.getpid()}-"
    with tempfile.TemporaryDirectory("", prefix, builds, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        environment = build_environment(private_folder(work / "home"), cache / "downloads")
        yield Job(
            stack=stack,
            settings=settings,
            image=IMAGES[settings.image],
            tree=tree,
            tool=tool,
            cache=cache,
            work=work,
            shell=Shell(environment, settings.build_timeout, log),
            log=log,
        )


def _sweep(builds: Path) -> None:
    """Remove the folders of builds whose process died without a chance to."""
    for folder in builds.iterdir():
        owner = folder.name.partition("-")[0]
        if not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)
