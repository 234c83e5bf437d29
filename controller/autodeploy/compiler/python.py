"""Python: a relocatable virtual environment for the host's own interpreter, and the source.

Packages are resolved and installed for the host (its Python, its glibc), not for this machine. A
`src` layout is put on PYTHONPATH; the project itself is not installed, so it has neither
metadata of its own nor console scripts.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version

from autodeploy.compiler import django, interpreter, venv, wheels
from autodeploy.compiler.elsewhere import NeedsHost
from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import Contents, Step
from autodeploy.compiler.static import folders
from autodeploy.compiler.takeback import take_back
from autodeploy.compiler.wanted import Wanted, wanted
from autodeploy.contracts import Layer

# Servers that a command may name without the repository requiring them.
SERVERS = {"gunicorn": "gunicorn==23.0.0", "uvicorn": "uvicorn==0.34.3"}


class PythonBuilder:
    """An application with requirements, a project file or a lock."""

    path: tuple[str, ...] = (".venv/bin",)

    def __init__(self, job: Job) -> None:
        self._job = job
        self.release_command = job.stack.release_command
        self.processes = dict(job.stack.processes)
        self.jobs = job.jobs
        self.served = folders(job.stack, job.settings)
        self.environment = {"PYTHONUNBUFFERED": "1"}
        if any(re.fullmatch(r"src/[^/]+/__init__\.py", path) for path in job.tree.paths):
            self.environment["PYTHONPATH"] = "src"

    def steps(self) -> list[Step]:
        """The environment, then the source."""
        job = self._job
        inputs: dict[str, object] = {
            "builder": "python",
            "tool": [job.tool.name, version("uv")],
            "image": job.image.name,
            "runtime": [job.runtime.version, job.runtime.folder],
            "wanted": self._wanted.inputs,
            "servers": self._servers,
        }
        source: dict[str, object] = {"builder": "python", "tree": job.tree.digest}
        if self._build_command:
            source["build"] = [self._build_command, inputs, job.settings.env]
        return [
            Step("dependencies", inputs, lambda _before: self._environment(), self._tools),
            Step("source", source, self._source),
        ]

    @property
    def _tools(self) -> dict[str, str]:
        return {"uv": version("uv"), "python": self._job.runtime.version or ""}

    @cached_property
    def _build_command(self) -> str | None:
        return django.build_command(self._job.stack, self._job.tree)

    @cached_property
    def _wanted(self) -> Wanted:
        return wanted(self._job)

    @cached_property
    def _servers(self) -> list[str]:
        commands = " ".join(self.processes.values())
        return [
            pin
            for name, pin in SERVERS.items()
            if re.search(rf"\b{name}\b", commands) and name not in self._wanted.names
        ]

    def _environment(self) -> Contents:
        job = self._job
        folder, packages = job.copy("resolve"), job.work / "packages"
        packages.mkdir()
        for pin in self._servers:
            job.log.info(f"adding {pin}: a command starts it, and the repository requires none")
        arguments = self._wanted.write(folder)
        together = (
            [arguments, self._servers] if self._wanted.locked else [arguments + self._servers]
        )
        wanted = [some for some in together if some]
        libraries: tuple[str, ...] = ()
        if wanted and job.on_host:
            libraries = wheels.install_on_host(job, folder, wanted)
        elif wanted:
            wheels.install(job, folder, wanted, self._wanted.names)
        take_back(packages, job.log.warning)
        libraries = (*libraries, *wheels.opened(packages, job.image.name))
        layer = job.work / "environment"
        venv.shape(packages, layer, job.runtime)
        return Contents(
            layer, outside=venv.links(job.runtime), links={".venv": "."}, packages=libraries
        )

    def _source(self, before: Sequence[Layer]) -> Contents:
        folder = self._job.copy()
        if self._build_command:
            self._run_build(self._build_command, before)
            take_back(folder, self._job.log.warning)
        return Contents(folder, skip=frozenset({".venv"}))

    def _run_build(self, command: str, before: Sequence[Layer]) -> None:
        """Run the build command with the dependency layer: here if that runs here, else there."""
        job = self._job
        here = None if job.on_host else interpreter.at_hand(job) or interpreter.fetched(job)
        if not job.on_host and (here is None or before[0].packages):
            missing = ", ".join(before[0].packages) if here else f"Python {job.runtime.line}"
            packages = (*before[0].packages, *job.settings.packages)
            raise NeedsHost(f"`{command}` takes {missing}", packages)
        folder = job.work / "run"
        with tarfile.open(before[0].archive) as archive:
            archive.extractall(folder, filter="fully_trusted")  # noqa: S202 (we packed it)
        if here and not job.on_host:
            venv.adopt(folder, here)
            job.here.show(here, here.resolve())
        path = f"{folder / 'bin'}:{job.shell.environment['PATH']}"
        variables = {**job.settings.env, **self.environment, "PATH": path}
        job.shell.run(command, job.copy(), variables)
