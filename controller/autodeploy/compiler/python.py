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

from autodeploy.compiler import interpreter, venv
from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import Contents, Step
from autodeploy.compiler.toolchain import uv
from autodeploy.compiler.wanted import Wanted, wanted
from autodeploy.contracts import Layer
from autodeploy.errors import BuildError

# Servers that a command may name without the repository requiring them.
SERVERS = {"gunicorn": "gunicorn==23.0.0", "uvicorn": "uvicorn==0.34.3"}
NO_WHEEL = (
    "If the output names a package without a usable wheel: pin a version of it that has one, or "
    "build where the host's own Python version is installed, with its headers and a compiler."
)


class PythonBuilder:
    """An application with requirements, a project file or a lock."""

    path: tuple[str, ...] = (".venv/bin",)

    def __init__(self, job: Job) -> None:
        self._job = job
        self.release_command = job.stack.release_command
        self.processes = dict(job.stack.processes)
        self.environment = {"PYTHONUNBUFFERED": "1"}
        if any(re.fullmatch(r"src/[^/]+/__init__\.py", path) for path in job.tree.paths):
            self.environment["PYTHONPATH"] = "src"

    def steps(self) -> list[Step]:
        """The environment, then the source."""
        job = self._job
        inputs: dict[str, object] = {
            "builder": "python",
            "tool": [job.tool.name, version("uv")],
            "image": [job.image.name, job.image.python],
            "wanted": self._wanted.inputs,
            "servers": self._servers,
        }
        source: dict[str, object] = {"builder": "python", "tree": job.tree.digest}
        if job.stack.build_command:
            source["build"] = [job.stack.build_command, inputs, job.settings.env]
        return [
            Step("dependencies", inputs, lambda _before: self._environment()),
            Step("source", source, self._source),
        ]

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
        for pin in self._servers:
            job.log.info(f"adding {pin}: a command starts it, and the repository requires none")
        arguments = [*self._wanted.write(folder), *self._servers]
        if arguments:
            job.shell.run(self._install("../packages", arguments), folder, remediation=NO_WHEEL)
        layer = job.work / "environment"
        venv.shape(packages, layer, job.image)
        return Contents(layer, outside=venv.links(job.image), links={".venv": "."})

    def _install(self, target: str, arguments: list[str]) -> list[str]:
        image = self._job.image
        here = interpreter.of_the_host(image)
        return [
            *uv("pip", "install", "--target", target, "--python", str(here or interpreter.OURS)),
            *("--python-version", image.python, "--python-platform", interpreter.target(image)),
            *(() if here else ("--no-build",)),
            *arguments,
        ]

    def _source(self, before: Sequence[Layer]) -> Contents:
        folder = self._job.copy()
        if self._job.stack.build_command:
            self._run_build(self._job.stack.build_command, before)
        return Contents(folder, skip=frozenset({".venv"}))

    def _run_build(self, command: str, before: Sequence[Layer]) -> None:
        """Run the build command with the dependency layer, by this machine's interpreter."""
        job = self._job
        here = interpreter.of_the_host(job.image)
        if here is None:
            raise BuildError(
                f"`{command}` needs Python {job.image.python_minor} on this machine",
                step="build",
                remediation=f"Install Python {job.image.python_minor} here.",
            )
        folder = job.work / "run"
        with tarfile.open(before[0].archive) as archive:
            archive.extractall(folder, filter="fully_trusted")  # noqa: S202 (we packed it)
        venv.adopt(folder, here)
        path = f"{folder / 'bin'}:{job.shell.environment['PATH']}"
        variables = {**job.settings.env, **self.environment, "PATH": path}
        job.shell.run(command, job.copy(), variables)
