"""The artifact: the layers, what they are run with, and what is told of them."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autodeploy.compiler.job import Builder
from autodeploy.compiler.layers import Entry, Layers
from autodeploy.contracts import BuildArtifact, Source, TechStack
from autodeploy.paths import private_folder

SBOM_FORMAT = "1"  # Of the documents: a new number leaves those in the cache alone.


def artifact(
    source: Source,
    stack: TechStack,
    builder: Builder,
    entries: Sequence[Entry],
    layers: Layers,
    cache: Path,
) -> BuildArtifact:
    """The artifact of a build.

    Args:
        source: What was built.
        stack: What it is made of.
        builder: What built it.
        entries: The layers that it made or found.
        layers: Where they are kept.
        cache: The folder in which bills of materials are kept too.
    """
    digest = _digest(stack, builder, entries)
    tools = {name: version for one in entries for name, version in one.tools.items()}
    return BuildArtifact(
        digest=digest,
        layers=tuple(one.layer for one in entries),
        path=builder.path,
        environment=builder.environment,
        processes=builder.processes,
        release_command=stack.release_command,
        size=sum(one.layer.size for one in entries),
        commands=tuple(command for one in entries for command in one.commands),
        tools=tools,
        commit=source.commit,
        sbom=_sbom(source, digest, tools, entries, layers, private_folder(cache / "sboms")),
    )


def _digest(stack: TechStack, builder: Builder, entries: Sequence[Entry]) -> str:
    return _sha256(
        {
            "layers": [(one.layer.content, one.layer.links) for one in entries],
            "processes": builder.processes,
            "release_command": stack.release_command,
            "path": builder.path,
            "environment": builder.environment,
        }
    )


def _sbom(
    source: Source,
    digest: str,
    tools: dict[str, str],
    entries: Sequence[Entry],
    layers: Layers,
    folder: Path,
) -> Path:
    path = folder / f"{_sha256([SBOM_FORMAT, source.name, source.commit, digest, tools])}.json"
    if not path.exists():
        from autodeploy.compiler.sbom.document import document  # Its imports take 0.2 s.

        packages = [package for one in entries for package in layers.packages(one.layer)]
        text = document(source.name, digest, source.commit, tools, packages)
        _write(path, text)
    return path


def _write(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _sha256(whole: object) -> str:
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
