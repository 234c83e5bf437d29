"""One build: what it is of, its temporary folder and its shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autodeploy.compiler.environ import build_environment, files
from autodeploy.compiler.hostshell import Folders, HostShell
from autodeploy.compiler.kept import hold
from autodeploy.compiler.layers import Step
from autodeploy.compiler.order import Order
from autodeploy.compiler.sandbox import Sandbox, namespaces_permitted
from autodeploy.compiler.shell import Shell
from autodeploy.compiler.slots import slot
from autodeploy.compiler.tenant import tenant
from autodeploy.compiler.toolchains import Store
from autodeploy.compiler.tools import Tool, choose
from autodeploy.compiler.tree import Tree
from autodeploy.contracts import IMAGES, Image, Runtime, Served, TechStack
from autodeploy.journal import AgentLog
from autodeploy.paths import private_folder
from autodeploy.runner import Place
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Job:
    """What a builder works with.

    Attributes:
        stack: The stack, `processes` with `web` in it.
        settings: The settings.
        image: What the hosts are.
        runtime: What runs the application there.
        toolchains: What is fetched to build with.
        tree: The source's files.
        tool: The build tool.
        cache: The Compiler's folder, shared by all builds.
        downloads: What the application's builds have fetched; commands may write there.
        work: A folder of this build that is gone after it.
        here: Runs commands on this machine, in the sandbox.
        shell: Runs those that make what is shipped: on a host, where this machine cannot.
        log: The Compiler's log.
    """

    stack: TechStack
    settings: Settings
    image: Image
    runtime: Runtime
    toolchains: Store
    tree: Tree
    tool: Tool
    cache: Path
    downloads: Path
    work: Path
    here: Shell
    shell: Shell
    log: AgentLog

    @property
    def jobs(self) -> dict[str, str]:
        """The command of what runs at given times, by name."""
        return {name: one.command for name, one in self.settings.jobs.items()}

    @property
    def on_host(self) -> bool:
        """Whether the commands run on a host instead of this machine."""
        return isinstance(self.shell, HostShell)

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
        served: As in `BuildArtifact`.
        release_command: As in `BuildArtifact`.
        jobs: Command by job, as the processes' are.
    """

    path: tuple[str, ...]
    environment: dict[str, str]
    processes: dict[str, str]
    served: Served
    release_command: str | None
    jobs: dict[str, str]

    def __init__(self, job: Job) -> None: ...

    def steps(self) -> list[Step]:
        """The layers to make: dependencies first, where there are any, source last."""


@contextmanager
def job(order: Order, log: AgentLog, place: Place | None = None) -> Iterator[Job]:
    """Open a build's folder and shell; both are gone at the end, whatever happened.

    With a `place` its commands run there.
    """
    cache = private_folder(order.cache).resolve()
    hold(cache)
    tree = Tree(order.source)
    tool = choose(order.stack.language, order.stack.package_manager, tree.names)
    timeout = order.settings.build_timeout
    with slot(cache) as folder:
        sandbox = _sandbox(folder, cache, order.application, log)
        here = _shell(sandbox, timeout, log)
        folders = Folders(sandbox.work, sandbox.downloads, cache / "toolchains")
        there = place and HostShell(place, folders, here.environment, timeout, log)
        yield Job(
            stack=order.stack,
            settings=order.settings,
            image=IMAGES[order.settings.image],
            runtime=order.runtime,
            toolchains=Store(cache, log),
            tree=tree,
            tool=tool,
            cache=cache,
            downloads=sandbox.downloads,
            work=sandbox.work,
            here=here,
            shell=there or here,
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
