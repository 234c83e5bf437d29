"""Modules with compiled parts: whether a host can load them, and what they link to there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from autodeploy.compiler import compiled, toolchains
from autodeploy.compiler.elsewhere import NeedsHost
from autodeploy.compiler.hostshell import HostShell, libraries
from autodeploy.compiler.job import Job
from autodeploy.compiler.node.managers import Manager
from autodeploy.compiler.system_packages import COMPILER, FOR_NODE
from autodeploy.errors import BuildFailed

COMPILERS = (*COMPILER, "python3", "pkg-config")
UNBUILT = re.compile(r"gyp ERR!|node-gyp|prebuild-install")
PACKAGE = re.compile(r"node_modules/((?:@[^/]+/)?[^/]+)/")


def fit(job: Job, folder: Path, names: Collection[str]) -> tuple[str, ...]:
    """Debian packages that a folder's compiled modules link to on the hosts.

    Args:
        job: The build.
        folder: In the work folder.
        names: Of the packages that the application requires.

    Raises:
        NeedsHost: They were compiled here, and a host cannot load them.
    """
    if isinstance(job.shell, HostShell):
        return libraries(job.shell, job.work, str(folder.relative_to(job.work)))
    found = dict(compiled.unfit(folder, job.image, job.settings.arch))
    if found:
        path, why = next(iter(found.items()))
        inside = PACKAGE.findall(f"{path}")
        raise _needs_host(job, f"{inside[-1] if inside else path.name} {why}", {*names, *inside})
    return ()


def explained(job: Job, error: BuildFailed, names: Collection[str]) -> Exception:
    """What a failed installation is: the host's to do, where something could not be compiled."""
    if job.on_host or not UNBUILT.search(error.output):
        return error
    return _needs_host(job, "a module could not be compiled here", names)


def on_host(job: Job, one: Manager, identity: toolchains.Toolchain) -> Manager:
    """The package manager with a Node of the host's processor, to be called there.

    Args:
        job: The build.
        one: The manager with this machine's Node.
        identity: That Node.
    """
    there = toolchains.portable(job.toolchains, job.runtime, job.settings.arch).variables
    program = there["PATH"].partition(":")[0]
    ours = identity.variables.get("PATH", "").partition(":")[0]
    path = [part for part in one.variables.get("PATH", "").split(":") if part not in {"", ours}]
    return replace(one, variables={**one.variables, **there, "PATH": ":".join([*path, program])})


def _needs_host(job: Job, reason: str, names: Collection[str]) -> NeedsHost:
    build = [package for name in names if name in FOR_NODE for package in FOR_NODE[name].build]
    return NeedsHost(reason, [*COMPILERS, *build, *job.settings.packages])


def required(manifest: Mapping[str, object]) -> frozenset[str]:
    """The names of what a package.json requires."""
    kinds = (manifest.get(kind) for kind in ("dependencies", "optionalDependencies"))
    return frozenset(name for kind in kinds if isinstance(kind, dict) for name in kind)
