"""One build: what it is of, its temporary folder and its shell."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autodeploy.compiler.environ import build_environment, files
from autodeploy.compiler.kept import hold
from autodeploy.compiler.layers import Step
from autodeploy.compiler.sandbox import Sandbox, namespaces_permitted
from autodeploy.compiler.shell import Shell
from autodeploy.compiler.takeback import remove
from autodeploy.compiler.tenant import tenant
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
        shell: Runs its commands, in the sandbox.
        fetcher: Runs commands that fetch toolchains, as the controller: never the repository's.
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
    fetcher: Shell
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
    """

    path: tuple[str, ...]
    environment: dict[str, str]
    processes: dict[str, str]

    def __init__(self, job: Job) -> None: ...

    def steps(self) -> list[Step]:
        """The layers to make: dependencies first, where there are any, source last."""


@contextmanager
def job(
    source: Source, stack: TechStack, settings: Settings, cache: Path, log: AgentLog
) -> Iterator[Job]:
    """Open a build's folder and shell; both are gone at the end, whatever happened."""
    cache = private_folder(cache).resolve()
    hold(cache)
    tree = Tree(source)
    tool = choose(stack.language, stack.package_manager, tree.names)
    with _folder(cache) as folder:
        sandbox = _sandbox(folder, cache, settings.name or source.name, log)
        timeout = settings.build_timeout
        yield Job(
            stack=stack,
            settings=settings,
            image=IMAGES[settings.image],
            tree=tree,
            tool=tool,
            cache=cache,
            work=sandbox.work,
            shell=_shell(sandbox, timeout, log),
            fetcher=_fetcher(folder, cache, timeout, log),
            log=log,
        )


def _sandbox(folder: Path, cache: Path, application: str, log: AgentLog) -> Sandbox:
    one = tenant(cache, application)
    isolated = one.uid is not None and namespaces_permitted()
    if one.uid is not None and not isolated:
        log.warning(
            "this machine permits no mount and PID namespaces: the build runs as a user of its "
            "own, but sees what everyone may see"
        )
    sandbox = Sandbox(folder, cache, one.downloads, one.uid, isolated)
    sandbox.prepare()
    return sandbox


def _shell(sandbox: Sandbox, timeout: float, log: AgentLog) -> Shell:
    environment = build_environment(sandbox.home, sandbox.downloads)
    shell = Shell(environment, timeout, log, sandbox)
    shell.show(*files(environment))
    return shell


def _fetcher(folder: Path, cache: Path, timeout: float, log: AgentLog) -> Shell:
    """What it downloads is kept apart from what builds could write to."""
    home = private_folder(folder / "fetch")
    return Shell(build_environment(home, private_folder(cache / "fetched")), timeout, log)


@contextmanager
def _folder(cache: Path) -> Iterator[Path]:
    builds = private_folder(cache / "builds")
    _sweep(builds)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=builds))
    try:
        yield folder
    finally:
        remove(folder)


def _sweep(builds: Path) -> None:
    """Remove the folders of builds whose process died without a chance to."""
    for folder in builds.iterdir():
        owner = folder.name.partition("-")[0]
        if not Path("/proc", owner).exists():
            remove(folder)
