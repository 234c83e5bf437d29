"""What a Python repository wants installed: as arguments of `uv pip install`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodeploy.compiler import locks, requirements
from autodeploy.compiler.job import Job
from autodeploy.compiler.toolchains import uv
from autodeploy.errors import BuildError

ELSEWHERE = re.compile(r'source = \{ (?:editable|directory|virtual|path) = "(?!\.")')


@dataclass(frozen=True)
class Wanted:
    """The packages of a repository.

    Attributes:
        inputs: Everything that they depend on.
        names: Normalised names of those that it requires by itself.
        write: Writes what is needed into a copy of the source and gives uv's arguments, relative
            to that copy.
    """

    inputs: dict[str, object] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    write: Callable[[Path], list[str]] = lambda _folder: []


def wanted(job: Job) -> Wanted:
    """What is wanted, by the tool's lock file.

    Raises:
        BuildError: The lock file is missing or cannot be read.
    """
    tool, lock = job.tool.name, job.tool.lock
    if tool == "pip":
        return _pip(job)
    if lock is None:
        raise _no_lock(tool)
    return _uv(job) if tool == "uv" else _locked(job, lock)


def _pip(job: Job) -> Wanted:
    evidence = [one.file for one in job.stack.evidence if one.fact == "package_manager"]
    said = [file for file in evidence if file.endswith(".txt") and file in job.tree.names]
    name = said[0] if said else job.tool.lock
    if name is None:
        return Wanted()
    if not name.endswith(".txt"):
        return _project(job, name)
    texts = requirements.files(job.tree, name)
    inputs: dict[str, object] = dict(texts)
    project = requirements.project_file(job.tree) if requirements.wants_project(texts) else None
    if project or requirements.has_local(texts):
        inputs["tree"] = job.tree.digest

    def write(folder: Path) -> list[str]:
        for path, text in texts.items():
            (folder / path).unlink()
            (folder / path).write_text(requirements.shippable(text))
        return ["-r", name, *(("-r", project) if project else ())]

    return Wanted(inputs, frozenset(requirements.named(texts.values())), write)


def _project(job: Job, name: str) -> Wanted:
    text = job.tree.read(name)
    inputs: dict[str, object] = {name: text}
    if name != "pyproject.toml":
        return Wanted(
            {**inputs, "tree": job.tree.digest}, frozenset(), lambda _folder: ["-r", name]
        )
    document = _toml(name, text)
    project = document.get("project") or {}
    if not project and "build-system" not in document:
        if "poetry" in document.get("tool", {}):
            raise _no_lock("poetry")
        return Wanted()
    if not project or "dependencies" in project.get("dynamic", ()):
        inputs["tree"] = job.tree.digest
    names = requirements.named(str(line) for line in project.get("dependencies") or [])
    return Wanted(inputs, frozenset(names), lambda _folder: ["-r", name])


def _uv(job: Job) -> Wanted:
    lock = job.tree.read("uv.lock")
    inputs: dict[str, object] = {"lock": lock, "project": job.tree.read("pyproject.toml")}
    if ELSEWHERE.search(lock):
        inputs["tree"] = job.tree.digest
    names = {str(one.get("name")) for one in _toml("uv.lock", lock).get("package") or []}

    def write(folder: Path) -> list[str]:
        options = ["--frozen", "--no-default-groups", "--no-editable", "--no-emit-project"]
        command = uv("export", *options, "--quiet", "-o", ".autodeploy-locked.txt")
        job.shell.run(command, folder)
        return ["-r", ".autodeploy-locked.txt"]

    return Wanted(inputs, frozenset(names), write)


def _locked(job: Job, lock: str) -> Wanted:
    text, project = job.tree.read(lock), job.tree.read("pyproject.toml")
    version = job.runtime.version or ""
    found = {
        "pipenv": lambda: locks.pipenv(text),
        "poetry": lambda: locks.poetry(project, text, version),
        "pdm": lambda: locks.pdm(project, text, version),
    }[job.tool.name]()

    def write(folder: Path) -> list[str]:
        (folder / ".autodeploy-wanted.txt").write_text("\n".join(found.requirements) + "\n")
        (folder / ".autodeploy-locked.txt").write_text("\n".join(found.constraints) + "\n")
        return ["-r", ".autodeploy-wanted.txt", "-c", ".autodeploy-locked.txt"]

    names = requirements.named(found.requirements)
    inputs: dict[str, object] = {"lock": text, "wanted": found.requirements}
    return Wanted(inputs, frozenset(names), write)


def _no_lock(tool: str) -> BuildError:
    return BuildError(
        f"{tool} has no lock file here",
        step="lock file",
        remediation=f"Commit the file that `{tool} lock` writes.",
    )


def _toml(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{name} is not TOML", cause=str(error), step="lock file") from error
