"""The Compiler's answer: what is shipped to the hosts."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from autodeploy.contracts.base import Contract
from autodeploy.contracts.cron import CronJob
from autodeploy.contracts.layer import SHA256, Layer
from autodeploy.contracts.runtime import Runtime


class Served(Contract):
    """Files of a release that are handed out as they are; no process is asked.

    Attributes:
        root: The folder, relative to the release, that is the whole site; None where a process
            answers, or nobody.
        single_page: Whether its `index.html` is the page of every path that has no file.
        folders: Folder, relative to the release, by the path of the URL (`/static/`); for what is
            not there the process is asked.
    """

    root: str | None = None
    single_page: bool = False
    folders: dict[str, str] = Field(default_factory=dict)


class BuildArtifact(Contract):
    """A built application.

    Attributes:
        digest: SHA-256 over the layers' contents and the commands: the same build has the same
            digest.
        layers: Dependencies first (where there are any), source last.
        runtime: What it was built for.
        path: Folders to put before PATH, relative to the release's folder or absolute.
        environment: Variables that the runtime needs, the same on every host.
        processes: Command by process name, run by `sh -c` in the release's folder.
        served: The files that are handed out as they are.
        release_command: As in `TechStack`.
        jobs: What runs at given times, by name, as the processes do.
        size: Bytes of all archives together.
        commands: What was run to build it, for people.
        tools: Version by name of what built it: `{"uv": "0.8.3"}`.
        commit: The commit it was built from.
        sbom: Its bill of materials, a CycloneDX document in the Compiler's cache.
    """

    digest: str = Field(pattern=SHA256)
    layers: tuple[Layer, ...]
    runtime: Runtime = Runtime()
    path: tuple[str, ...] = ()
    environment: dict[str, str] = Field(default_factory=dict)
    processes: dict[str, str]
    served: Served = Served()
    release_command: str | None = None
    jobs: dict[str, CronJob] = Field(default_factory=dict)
    size: int = Field(ge=0)
    commands: tuple[str, ...] = ()
    tools: dict[str, str] = Field(default_factory=dict)
    commit: str | None = None
    sbom: Path

    @property
    def packages(self) -> tuple[str, ...]:
        """Debian packages that every host must have, sorted."""
        return tuple(sorted({name for layer in self.layers for name in layer.packages}))
