"""The story: choose the tool, make or find the dependency layer, make or find the source layer."""

from __future__ import annotations

import importlib
from pathlib import Path

from autodeploy.compiler.artifact import artifact
from autodeploy.compiler.elsewhere import NeedsHost, have_place
from autodeploy.compiler.job import Builder, Job, job
from autodeploy.compiler.layers import Entry, Layers
from autodeploy.compiler.order import Order
from autodeploy.contracts import (
    BuildArtifact,
    BuildRequest,
    InfrastructureSpec,
    TechStack,
)
from autodeploy.errors import BuildError
from autodeploy.journal import AgentLog
from autodeploy.runner import Place
from autodeploy.settings import Settings

BUILDERS = {
    "python": "python:PythonBuilder",
    "node": "node:NodeBuilder",
    "go": "go:GoBuilder",
    "static": "static:StaticBuilder",
}
"""Module and class by language; no more is imported than is used."""


def refuse(stack: TechStack, settings: Settings) -> None:
    """Raise what can be known without building, so that nothing is provisioned in vain.

    Raises:
        BuildError: There is nothing that can build it.
    """
    if stack.language not in BUILDERS:
        known = ", ".join(sorted(str(language) for language in BUILDERS))
        raise BuildError(
            f"{stack.language} applications cannot be built yet",
            step="language",
            remediation=f"What can be built is {known}.",
        )
    web = stack.processes.get("web", "").strip()
    if settings.protocol == "tcp" and not web:
        raise BuildError(
            "no process `web` is known, which is to take the connections",
            step="start command",
            remediation="Name it in a Procfile or in `start_command`; it must listen on $PORT.",
        )
    if not (stack.answers or stack.processes):
        raise BuildError(
            "no command is known that starts the application",
            step="start command",
            remediation="Add a Procfile with `web: COMMAND`, or `start_command: COMMAND` to "
            "autodeploy.yml; it must listen on $PORT. What no client reaches is `worker: COMMAND`.",
        )


def build(order: Order, log: AgentLog) -> BuildArtifact | BuildRequest:
    """Build an application for the hosts' image.

    Args:
        order: What is to be built.
        log: Told of each command and its output.

    Returns:
        The artifact, or what a host needs to build it where this machine cannot.

    Raises:
        BuildError: There is nothing to start or to serve, or nothing that can build it.
        ToolMissing: The build tool is neither here nor to be had.
        BuildFailed: A command failed or ran out of time.
    """
    try:
        return _build(order, log)
    except NeedsHost as needs:
        log.info(f"to be built on a host: {needs}")
        return needs.request


def build_on_host(
    order: Order, request: BuildRequest, spec: InfrastructureSpec, folder: Path, log: AgentLog
) -> BuildArtifact:
    """Build on the first host what `build` asked for.

    Args:
        order: What is to be built.
        request: What `build` gave.
        spec: The hosts, prepared.
        folder: The application's private folder.
        log: Told of each command and its output.

    Raises:
        HostError: The host was lost, or could not be given what the build needs.
        BuildFailed: A command failed or ran out of time.
    """
    with have_place(request, spec, folder, log) as (place, keep):
        built = _build(order, log, place)
        keep.extend(built.packages)
    return built


def _build(order: Order, log: AgentLog, place: Place | None = None) -> BuildArtifact:
    refuse(order.stack, order.settings)
    with job(order, log, place) as one:
        builder = _builder(order.stack.language)(one)
        layers = Layers(one.cache, one.log.warning, order.application)
        entries = _layers(one, builder, layers)
    return artifact(order, builder, entries, layers)


def _layers(one: Job, builder: Builder, layers: Layers) -> list[Entry]:
    entries: list[Entry] = []
    for step in builder.steps():
        before = [entry.layer for entry in entries]
        with one.log.step(step.kind):
            entries.append(layers.obtain(step, before, one.shell.commands))
    return entries


def _builder(language: str | None) -> type[Builder]:
    module, name = BUILDERS[language or ""].split(":")
    found: type[Builder] = getattr(importlib.import_module(f"autodeploy.compiler.{module}"), name)
    return found
