"""Go: static binaries, and the files beside them that a program may read when it runs."""

from __future__ import annotations

import posixpath
import re
import shlex
from functools import cached_property
from pathlib import Path

from autodeploy.compiler import toolchains
from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import Contents, Step
from autodeploy.compiler.node.frontend import FrontEnd, embedded
from autodeploy.compiler.static import folders
from autodeploy.compiler.takeback import take_back
from autodeploy.errors import BuildError

FLAGS = ("-trimpath", "-buildvcs=false", "-ldflags=-buildid=")
ASIDE = re.compile(r"(^|/)(vendor|testdata|_[^/]*|\.[^/]*)(/|$)")
MAIN = re.compile(r"^package\s+main\b", re.MULTILINE)
BUILD_IGNORE = re.compile(r"^//\s*(go:build\s+ignore|\+build\s+ignore)\b", re.MULTILINE)
DIRECTIVE = re.compile(r"^\s*(?:go\s+|toolchain\s+go)(\d+(?:\.\d+){1,2})", re.MULTILINE)
# Recon's `go build -o out ./cmd/server` says which package serves; how it is built is said here.
GO_BUILD = re.compile(r"go build(?: -o \S+)?(?: (?P<package>\.[\w./-]*))?\s*$")
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


class GoBuilder:
    """A Go module with one main package or several."""

    path: tuple[str, ...] = ("bin",)

    def __init__(self, job: Job) -> None:
        self._job = job
        self.release_command = job.stack.release_command
        self.environment: dict[str, str] = {}
        self.served = folders(job.stack, job.settings)
        self.processes = {
            name: re.sub(r"^(exec )?go run \S+", "exec ./app", command)
            for name, command in job.stack.processes.items()
        }
        self.jobs = job.jobs

    def steps(self) -> list[Step]:
        """One layer: binaries and files."""
        if "go.mod" not in self._job.tree.names:
            raise BuildError(
                "there is no go.mod at the top of the repository",
                step="tool",
                remediation="Run `go mod init` and `go mod tidy`, and commit go.mod and go.sum.",
            )
        tools = toolchains.go(self._job.toolchains, asked(self._job.tree.read("go.mod")))
        binaries = self._binaries()
        inputs = {
            "builder": "go",
            "flags": FLAGS,
            "toolchain": tools.version,
            "binaries": binaries,
            "arch": self._job.settings.arch,
            "front ends": [one.inputs for one in self._front_ends],
            "build": [self._job.stack.build_command, self._job.settings.env],
            "tree": self._job.tree.digest,
        }
        made_by = {"go": tools.version.removeprefix("go")}
        return [Step("source", inputs, lambda _before: self._build(tools, binaries), made_by)]

    def _build(self, tools: toolchains.Toolchain, binaries: dict[str, str]) -> Contents:
        folder = self._job.copy()
        vendored = "vendor/modules.txt" in self._job.tree.names
        variables = {
            **tools.variables,
            "CGO_ENABLED": "0",
            "GOOS": "linux",
            "GOARCH": self._job.settings.arch,
            "GOFLAGS": "-mod=vendor" if vendored else "-mod=readonly",
        }
        for one in self._front_ends:
            one.build(folder)
        own = self._job.stack.build_command
        if own and not GO_BUILD.match(own):
            self._job.shell.run(own, folder, {**self._job.settings.env, **variables})
            binaries = {}
        for output, package in binaries.items():
            command = ["go", "build", *FLAGS, "-o", output, f"./{package}".rstrip("/.") or "."]
            self._job.shell.run(command, folder, variables)
        take_back(folder, self._job.log.warning)
        for path in folder.rglob("*.go"):
            if not path.is_dir():
                path.unlink()
        return Contents(folder, skip=frozenset({"vendor"}))

    @cached_property
    def _front_ends(self) -> list[FrontEnd]:
        return embedded(self._job)

    def _binaries(self) -> dict[str, str]:
        """Main package by the path of the binary that the processes' commands name."""
        mains = _mains(self._job)
        binaries: dict[str, str] = {}
        commands = [*self.processes.items(), *self.jobs.items()]
        for name, command in sorted(commands, key=lambda one: one[0] != "web"):
            program = _program(command)
            if "/" not in program:
                program = f"bin/{program}"
            package = _by_name(mains, posixpath.basename(program))
            if package is None and name == "web":
                package = self._web(mains)
            if package is not None:
                binaries[posixpath.normpath(program)] = package
        return binaries

    def _web(self, mains: list[str]) -> str:
        said = GO_BUILD.match(self._job.stack.build_command or "")
        package = posixpath.normpath(said["package"] or ".") if said else None
        if package in mains:
            return package
        for choice in ([p for p in mains if p == "."], _below(mains, "cmd"), mains):
            if len(choice) == 1:
                return choice[0]
        listed = ", ".join(mains) or "none"
        raise BuildError(
            "it is not clear which main package serves the web",
            cause=f"main packages: {listed}",
            step="main package",
            remediation="Name it in a Procfile or in autodeploy.yml's `start_command`, such as "
            f"`./{posixpath.basename(mains[0])}`."
            if mains
            else "Add a main package.",
        )


def asked(text: str) -> tuple[int, ...]:
    """The newest version that a go.mod's `go` and `toolchain` lines name."""
    found = [tuple(map(int, one.split("."))) for one in DIRECTIVE.findall(text)]
    return max(found, default=(1, 16))


def _mains(job: Job) -> list[str]:
    """The folders of main packages, sorted; `.` is the top."""
    folders = set()
    for path in job.tree.paths:
        if not path.endswith(".go") or path.endswith("_test.go") or ASIDE.search(path):
            continue
        text = job.tree.read(path)
        if MAIN.search(text) and not BUILD_IGNORE.search(text):
            folders.add(posixpath.dirname(path) or ".")
    return sorted(folders)


def _by_name(mains: list[str], name: str) -> str | None:
    named = [package for package in mains if posixpath.basename(package) == name]
    return named[0] if len(named) == 1 else None


def _below(mains: list[str], folder: str) -> list[str]:
    return [package for package in mains if package.startswith(f"{folder}/")]


def _program(command: str) -> str:
    """The program that a command runs, `app` where that cannot be told."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "app"
    for word in words:
        if word not in {"exec", "env"} and not ASSIGNMENT.match(word):
            inside = not word.startswith(("/", "..")) and Path(word).name not in {"", "."}
            return word if inside else "app"
    return "app"
