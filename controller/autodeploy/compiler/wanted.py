"""What a Python repository wants installed: as arguments of `uv pip install`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodeploy.compiler import interpreter, locks, requirements
from autodeploy.compiler.job import Job
from autodeploy.compiler.locks import registries
from autodeploy.compiler.toolchains import uv
from autodeploy.contracts import PROCESSORS
from autodeploy.errors import BuildError

ELSEWHERE = re.compile(r'source = \{ (?:editable|directory|virtual|path) = "(?!\.")')

LOCKED = ".autodeploy-locked.txt"
EXPORT = ("--no-default-groups", "--no-editable", "--no-emit-project", "--quiet", "--no-header")
STRATEGY = ("--index-strategy", "unsafe-best-match")


@dataclass(frozen=True)
class Wanted:
    """The packages of a repository.

    Attributes:
        inputs: Everything that they depend on.
        names: Normalised names of those that it requires by itself.
        write: Writes what is needed into a copy of the source and gives uv's arguments, relative
            to that copy.
        locked: Whether these arguments leave nothing to resolve.
    """

    inputs: dict[str, object] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    write: Callable[[Path], list[str]] = lambda _folder: []
    locked: bool = False


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
    try:
        return _uv(job) if tool == "uv" else _locked(job, lock)
    except (AttributeError, KeyError, TypeError) as error:
        raise BuildError(
            f"{lock} is not as {tool} writes it",
            cause=f"{type(error).__name__}: {error}",
            step="lock file",
            remediation=f"Run `{tool} lock` and commit {lock}.",
        ) from error


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
    lock, project = job.tree.read("uv.lock"), job.tree.read("pyproject.toml")
    inputs: dict[str, object] = {"lock": lock, "project": project}
    if ELSEWHERE.search(lock):
        inputs["tree"] = job.tree.digest
    packages = _toml("uv.lock", lock).get("package") or []
    names = frozenset(str(one.get("name")) for one in packages)
    sources = [one.get("source") or {} for one in packages]
    places = list(dict.fromkeys(one["registry"] for one in sources if "registry" in one))

    def write(folder: Path) -> list[str]:
        command = uv("export", *EXPORT, *_checked(job, project, places), "-o", f"./{LOCKED}")
        outdated = (
            "If uv.lock is out of step with pyproject.toml: run `uv lock` and commit uv.lock."
        )
        job.here.run(command, folder, remediation=outdated)
        text = (folder / LOCKED).read_text()
        return _frozen(folder, locks.Locked(tuple(text.splitlines()), names, registries(places)))

    return Wanted(inputs, names, write, locked=True)


def _checked(job: Job, project: str, places: list[str]) -> list[str]:
    """Options that let uv hold the lock against the project.

    It takes a lock from another registry than its own for outdated, and this machine's may be a
    mirror. Without a Python of the host's version there is none that the project must allow.
    """
    here = interpreter.at_hand(job)
    if here is None:
        return ["--frozen"]
    tool = (_toml("pyproject.toml", project).get("tool") or {}).get("uv") or {}
    declared = {one.get("url") for one in tool.get("index") or ()}
    default = [("--default-index", one) for one in places if one not in declared][:1]
    return ["--locked", "--python", str(here), *(word for pair in default for word in pair)]


def _locked(job: Job, lock: str) -> Wanted:
    text, project = job.tree.read(lock), job.tree.read("pyproject.toml")
    machine = PROCESSORS[job.settings.arch]
    host = locks.environment(job.runtime.version or "", machine)
    found = {
        "pipenv": lambda: locks.pipenv(job.tree.read("Pipfile"), text),
        "poetry": lambda: locks.poetry(project, text, host),
        "pdm": lambda: locks.pdm(project, text, host),
    }[job.tool.name]()
    inputs: dict[str, object] = {"lines": found.lines, "registries": found.registries}
    if found.paths:
        inputs["tree"] = job.tree.digest
    return Wanted(inputs, found.names, lambda folder: _frozen(folder, found), locked=True)


def _frozen(folder: Path, found: locks.Locked) -> list[str]:
    """Write what a lock says: exactly that is installed.

    With all hashes known it does not matter which registry answers first.
    """
    there = [f"--extra-index-url {one}" for one in found.registries]
    (folder / LOCKED).write_text("\n".join([*there, *found.lines]) + "\n")
    return ["--no-deps", *(STRATEGY if there else ()), "-r", LOCKED]


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
