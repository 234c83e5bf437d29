"""The Compiler's answer: what is shipped to the hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from autodeploy.contracts.base import Contract


class Layer(Contract):
    """One gzip-compressed tar archive, content-addressed.

    Attributes:
        kind: `dependencies` changes with the lock file, `source` with every commit, `runtime` with
            the language's version.
        digest: SHA-256 of the archive, 64 hexadecimal digits.
        archive: Where it lies on this machine, in the Compiler's cache.
        size: Bytes of the archive.
        files: Number of regular files and links in it.
        links: Links to make in a release's folder, by name, to paths inside the unpacked layer
            (`{"node_modules": "node_modules"}`, `{".venv": "."}`); empty for the source layer,
            which is unpacked as the release's folder itself.
    """

    kind: Literal["dependencies", "source", "runtime"]
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    archive: Path
    size: int = Field(ge=0)
    files: int = Field(ge=0)
    links: dict[str, str] = Field(default_factory=dict)


class BuildArtifact(Contract):
    """A built application.

    Attributes:
        digest: SHA-256 over the layers and the commands: the same build has the same digest.
        layers: Dependencies first (where there are any), source last.
        path: Folders to put before PATH, relative to the release's folder or absolute.
        environment: Variables that the runtime needs, the same on every host.
        processes: Command by process name, run by `sh -c` in the release's folder.
        release_command: As in `TechStack`.
        commands: What was run to build it, for people.
        commit: The commit it was built from.
    """

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    layers: tuple[Layer, ...]
    path: tuple[str, ...] = ()
    environment: dict[str, str] = Field(default_factory=dict)
    processes: dict[str, str]
    release_command: str | None = None
    commands: tuple[str, ...] = ()
    commit: str | None = None
