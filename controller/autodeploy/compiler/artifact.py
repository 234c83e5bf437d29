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
from autodeploy.compiler.order import Order
from autodeploy.compiler.sbom.package import Package
from autodeploy.contracts import BuildArtifact, Runtime
from autodeploy.paths import private_folder

SBOM_FORMAT = "2"  # Of the documents: a new number leaves those in the cache alone.


def artifact(
    order: Order, builder: Builder, entries: Sequence[Entry], layers: Layers
) -> BuildArtifact:
    """The artifact of a build.

    Args:
        order: What was built.
        builder: What built it.
        entries: The layers that it made or found.
        layers: Where they are kept.
    """
    digest = _digest(order, builder, entries)
    tools = {name: version for one in entries for name, version in one.tools.items()}
    return BuildArtifact(
        digest=digest,
        layers=tuple(one.layer for one in entries),
        runtime=order.runtime,
        path=builder.path,
        environment=builder.environment,
        processes=builder.processes,
        served=builder.served,
        release_command=builder.release_command,
        jobs={
            name: order.settings.jobs[name].model_copy(update={"command": command})
            for name, command in builder.jobs.items()
        },
        size=sum(one.layer.size for one in entries),
        commands=tuple(command for one in entries for command in one.commands),
        tools=tools,
        commit=order.source.commit,
        sbom=_sbom(order, digest, tools, entries, layers),
    )


def _digest(order: Order, builder: Builder, entries: Sequence[Entry]) -> str:
    return _sha256(
        {
            "layers": [(one.layer.content, one.layer.links) for one in entries],
            "runtime": [order.runtime.version, order.runtime.folder],
            "processes": builder.processes,
            "served": builder.served.model_dump(mode="json"),
            "release_command": builder.release_command,
            "jobs": builder.jobs,
            "path": builder.path,
            "environment": builder.environment,
        }
    )


def _sbom(
    order: Order,
    digest: str,
    tools: dict[str, str],
    entries: Sequence[Entry],
    layers: Layers,
) -> Path:
    name, commit = order.source.name, order.source.commit
    key = _sha256([SBOM_FORMAT, name, commit, digest, tools])
    path = private_folder(order.cache / "sboms") / f"{key}.json"
    if not path.exists():
        from autodeploy.compiler.sbom.document import document  # Its imports take 0.2 s.

        packages = [package for one in entries for package in layers.packages(one.layer)]
        packages += _brought(order.runtime)
        _write(path, document(name, digest, commit, tools, packages))
    return path


def _brought(runtime: Runtime) -> list[Package]:
    """The runtime where it is brought along: the distribution's is not ours to tell of."""
    if runtime.layer is None:
        return []
    return [Package(purl=f"pkg:generic/{runtime.language}@{runtime.version}")]


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
