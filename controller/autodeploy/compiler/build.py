"""The story: choose the tool, make or find the dependency layer, make or find the source layer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from autodeploy.compiler.go import GoBuilder
from autodeploy.compiler.image import require_runtime
from autodeploy.compiler.job import Builder, Job, job
from autodeploy.compiler.layers import Entry, Layers
from autodeploy.compiler.node import NodeBuilder
from autodeploy.compiler.python import PythonBuilder
from autodeploy.compiler.static import StaticBuilder
from autodeploy.contracts import IMAGES, BuildArtifact, Source, TechStack
from autodeploy.errors import BuildError
from autodeploy.journal import AgentLog
from autodeploy.settings import Settings

BUILDERS: dict[str | None, type[Builder]] = {
    "python": PythonBuilder,
    "node": NodeBuilder,
    "go": GoBuilder,
    "static": StaticBuilder,
}


# Whose builder knows a command where the repository says none.
SERVES_BY_ITSELF = frozenset({"static", "go"})
# Whose builds do not depend on this machine's processor.
ANY_PROCESSOR = frozenset({"static", "go"})


def refuse(stack: TechStack, settings: Settings) -> None:
    """Raise what can be known without building, so that nothing is provisioned in vain.

    Raises:
        BuildError: There is nothing that can build it, or not for the hosts' processor.
        RuntimeUnsupported: The image has not the version asked for.
    """
    if stack.language not in BUILDERS:
        known = ", ".join(sorted(str(language) for language in BUILDERS))
        raise BuildError(
            f"{stack.language} applications cannot be built yet",
            step="language",
            remediation=f"What can be built is {known}.",
        )
    if settings.arch != "amd64" and stack.language not in ANY_PROCESSOR:
        raise BuildError(
            f"{stack.language} applications are built for amd64 only",
            step="processor",
            remediation="Leave `arch` out: packages with compiled parts are built on this machine.",
        )
    require_runtime(stack, IMAGES[settings.image])
    if stack.language not in SERVES_BY_ITSELF and not stack.output:
        _require_web(stack.processes)


def build(
    source: Source, stack: TechStack, settings: Settings, cache: Path, log: AgentLog
) -> BuildArtifact:
    """Build an application for the hosts' image.

    Args:
        source: The repository; nothing is written to its checkout.
        stack: What it is made of, the settings already over it.
        settings: The image, the time limit.
        cache: A private folder, shared by all applications.
        log: Told of each command and its output.

    Raises:
        BuildError: There is no web process, or nothing that can build it.
        RuntimeUnsupported: The image has not the version asked for.
        ToolMissing: The build tool is neither here nor to be had.
        BuildFailed: A command failed or ran out of time.
    """
    with job(source, stack, settings, cache, log) as one:
        refuse(stack, settings)
        builder = BUILDERS[stack.language](one)
        _require_web(builder.processes)
        entries = _layers(one, builder)
    layers = tuple(entry.layer for entry in entries)
    artifact = BuildArtifact(
        digest="0" * 64,
        layers=layers,
        path=builder.path,
        environment=builder.environment,
        processes=builder.processes,
        release_command=builder.release_command,
        commands=tuple(command for entry in entries for command in entry.commands),
        commit=source.commit,
    )
    return artifact.model_copy(update={"digest": _digest(artifact)})


def _layers(one: Job, builder: Builder) -> list[Entry]:
    store = Layers(one.cache, one.log.warning)
    entries: list[Entry] = []
    for step in builder.steps():
        before = [entry.layer for entry in entries]
        with one.log.step(step.kind):
            entries.append(store.obtain(step, before, one.shell.commands))
    return entries


def _require_web(processes: Mapping[str, str]) -> None:
    if not processes.get("web", "").strip():
        raise BuildError(
            "no command is known that starts the application's web process",
            step="start command",
            remediation="Add a Procfile with `web: COMMAND`, or `start_command: COMMAND` to "
            "autodeploy.yml; it must listen on $PORT.",
        )


def _digest(artifact: BuildArtifact) -> str:
    whole = {
        "layers": [(layer.digest, layer.links) for layer in artifact.layers],
        "processes": artifact.processes,
        "release_command": artifact.release_command,
        "path": artifact.path,
        "environment": artifact.environment,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
