"""Variables of the roles, made from contracts. The roles' argument specs are the other side."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

from pydantic import SecretStr

from autodeploy.contracts import (
    BuildArtifact,
    InfrastructureSpec,
    Runtime,
    TechStack,
    health_below,
)
from autodeploy.settings import Settings

Given = Mapping[str, str | SecretStr]
"""The application's variables by name; those that are secret are `SecretStr`."""


@dataclass(frozen=True)
class Secrets:
    """The secrets that a release runs with.

    Attributes:
        version: Names them; None for none.
        values: They, by name.
    """

    version: str | None = None
    values: Mapping[str, SecretStr] = field(default_factory=dict)


FIRST_PORT = 20000
PORTS = 10000
DRAIN_SECONDS = 30


def prepare_variables(spec: InfrastructureSpec, runtime: Runtime) -> dict[str, Any]:
    """What a host needs before it has an artifact: the runtime, for which it is built."""
    layer = runtime.layer
    return {
        "claim_application": spec.application,
        "claim_environment": spec.environment,
        "firewall_ports": list(spec.ingress_ports),
        "runtime_language": runtime.language,
        "runtime_version": runtime.required,
        "runtime_folder": runtime.folder,
        "runtime_archive": str(layer.archive) if layer else None,
        "runtime_digest": layer.digest if layer else None,
    }


def release_variables(
    spec: InfrastructureSpec,
    artifact: BuildArtifact,
    stack: TechStack,
    settings: Settings,
    release: str,
) -> dict[str, Any]:
    """What one release needs."""
    tcp, served, web = settings.protocol == "tcp", artifact.served, "web" in artifact.processes
    fixed = settings.port is not None and web and not tcp
    port = settings.port if fixed else loopback_port(release, settings.port)
    health_path = stack.health_path or "/"
    answers = web or served.root is not None
    named = ("artifact", "environment", "service", "proxy")
    common = {f"{role}_application": spec.application for role in named}
    releases = {f"{role}_release": release for role in named}
    return {
        **common,
        **releases,
        "artifact_layers": [
            layer.model_dump(mode="json", include={"kind", "digest", "archive", "links"})
            for layer in artifact.layers
        ],
        "artifact_packages": sorted({*artifact.packages, *settings.packages}),
        "service_processes": scaled(artifact.processes, settings.scale),
        "service_path": list(artifact.path),
        "service_variables": artifact.environment,
        "service_port": port if web else None,
        "service_protocol": settings.protocol,
        "service_port_fixed": fixed,
        "service_health_path": health_path,
        "service_health_below": health_below(health_path, settings.health_status),
        "service_health_required": settings.health_retries,
        "service_health_grace": settings.health_grace,
        "service_health_timeout": settings.health_timeout,
        "service_memory": settings.memory,
        "service_restart": settings.restart,
        "service_release_command": artifact.release_command,
        "service_jobs": {
            name: {"command": one.command, "calendar": list(one.calendar)}
            for name, one in artifact.jobs.items()
        },
        "proxy_protocol": settings.protocol if answers else "none",
        "proxy_port": port if web else None,
        "proxy_public_port": settings.port if tcp else None,
        "proxy_root": served.root,
        "proxy_single_page": served.single_page,
        "proxy_folders": {} if tcp else served.folders,
        "proxy_health_path": health_path,
        # A worker is told at once; who asked something gets its answer first.
        "proxy_drain": max(DRAIN_SECONDS, settings.proxy.timeout) if answers else 0,
        "proxy_balanced": spec.load_balancer is not None,
        "proxy_max_body": settings.proxy.max_body,
        "proxy_timeout": settings.proxy.timeout,
    }


def scaled(processes: Mapping[str, str], scale: Mapping[str, int]) -> dict[str, str]:
    """As many of each process as are to run: `worker`, `worker-2`, `worker-3`.

    Args:
        processes: Command by process.
        scale: How many by process; one where nothing is said.
    """
    wanted = {name: one for name, one in processes.items() if scale.get(name, 1)}
    for name, command in list(wanted.items()):
        free = (one for n in count(2) if (one := f"{name}-{n}") not in processes)
        wanted.update(dict.fromkeys(islice(free, scale.get(name, 1) - 1), command))
    return wanted


def environment(
    given: Given, settings: Settings, secrets: Secrets
) -> tuple[dict[str, str], dict[str, str]]:
    """The application's variables, the plain ones and the secret ones.

    What the settings say wins over what is given, and a secret over both.
    """
    everything = {**given, **settings.env, **secrets.values}
    plain = {name: one for name, one in everything.items() if isinstance(one, str)}
    secret = {
        name: one.get_secret_value()
        for name, one in everything.items()
        if isinstance(one, SecretStr)
    }
    return plain, secret


def loopback_port(release: str, taken: int | None = None) -> int:
    """The port that a release listens on: its own, so that two can run side by side.

    Args:
        release: Its name.
        taken: A port that is no release's.
    """
    port = FIRST_PORT + zlib.crc32(release.encode()) % PORTS
    return port + 1 if port == taken else port
