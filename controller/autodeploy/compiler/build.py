"""The story: choose the tool, make or find the dependency layer, make or find the source layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autodeploy.compiler.artifact import artifact
from autodeploy.compiler.elsewhere import NeedsHost, have_place
from autodeploy.compiler.go import GoBuilder
from autodeploy.compiler.image import require_runtime
from autodeploy.compiler.job import Builder, Job, job
from autodeploy.compiler.layers import Entry, Layers
from autodeploy.compiler.node import NodeBuilder
from autodeploy.compiler.python import PythonBuilder
from autodeploy.compiler.static import StaticBuilder
from autodeploy.contracts import (
    IMAGES,
    BuildArtifact,
    BuildRequest,
    InfrastructureSpec,
    Source,
    TechStack,
)
from autodeploy.errors import BuildError
from autodeploy.journal import AgentLog
from autodeploy.runner import Place
from autodeploy.settings import Settings

BUILDERS: dict[str | None, type[Builder]] = {
    "python": PythonBuilder,
    "node": NodeBuilder,
    "go": GoBuilder,
    "static": StaticBuilder,
}


# Whose builder knows a command where the repository says none.
SERVES_BY_ITSELF = frozenset({"static", "go"})


def refuse(stack: TechStack, settings: Settings) -> None:
    """Raise what can be known without building, so that nothing is provisioned in vain.

    Raises:
        BuildError: There is nothing that can build it.
        RuntimeUnsupported: The image has not the version asked for.
    """
    if stack.language not in BUILDERS:
        known = ", ".join(sorted(str(language) for language in BUILDERS))
        raise BuildError(
            f"{stack.language} applications cannot be built yet",
            step="language",
            remediation=f"What can be built is {known}.",
        )
    require_runtime(stack, IMAGES[settings.image])
    if stack.language not in SERVES_BY_ITSELF and not stack.output:
        _require_web(stack.processes)


def build(
    source: Source, stack: TechStack, settings: Settings, cache: Path, log: AgentLog
) -> BuildArtifact | BuildRequest:
    """Build an application for the hosts' image.

    Args:
        source: The repository; nothing is written to its checkout.
        stack: What it is made of, the settings already over it.
        settings: The image, the time limit.
        cache: A private folder, shared by all applications.
        log: Told of each command and its output.

    Returns:
        The artifact, or what a host needs to build it where this machine cannot.

    Raises:
        BuildError: There is no web process, or nothing that can build it.
        RuntimeUnsupported: The image has not the version asked for.
        ToolMissing: The build tool is neither here nor to be had.
        BuildFailed: A command failed or ran out of time.
    """
    try:
        return _build(source, stack, settings, cache, log, None)
    except NeedsHost as needs:
        log.info(f"to be built on a host: {needs}")
        return needs.request


def build_on_host(
    request: BuildRequest,
    spec: InfrastructureSpec,
    folder: Path,
    source: Source,
    stack: TechStack,
    settings: Settings,
    cache: Path,
    log: AgentLog,
) -> BuildArtifact:
    """Build on the first host what `build` asked for; as that otherwise.

    Args:
        request: What `build` gave.
        spec: The hosts, prepared.
        folder: The application's private folder.
        source: See `build`.
        stack: See `build`.
        settings: See `build`.
        cache: See `build`.
        log: See `build`.
    """
    with have_place(request, spec, folder, log) as (place, keep):
        built = _build(source, stack, settings, cache, log, place)
        keep.extend(built.packages)
    return built


def _build(
    source: Source,
    stack: TechStack,
    settings: Settings,
    cache: Path,
    log: AgentLog,
    place: Place | None,
) -> BuildArtifact:
    with job(source, stack, settings, cache, log, place) as one:
        refuse(stack, settings)
        builder = BUILDERS[stack.language](one)
        _require_web(builder.processes)
        layers = Layers(one.cache, one.log.warning)
        entries = _layers(one, builder, layers)
    return artifact(source, stack, builder, entries, layers, cache)


def _layers(one: Job, builder: Builder, layers: Layers) -> list[Entry]:
    entries: list[Entry] = []
    for step in builder.steps():
        before = [entry.layer for entry in entries]
        with one.log.step(step.kind):
            entries.append(layers.obtain(step, before, one.shell.commands))
    return entries


def _require_web(processes: Mapping[str, str]) -> None:
    if not processes.get("web", "").strip():
        raise BuildError(
            "no command is known that starts the application's web process",
            step="start command",
            remediation="Add a Procfile with `web: COMMAND`, or `start_command: COMMAND` to "
            "autodeploy.yml; it must listen on $PORT.",
        )
