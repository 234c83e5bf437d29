"""Node: `node_modules` as the dependency layer, the build's output in the source layer.

Where the modules do not depend on the application's own files, they are installed without
development dependencies, and their layer is kept for as long as the lock file stays the same.
Where they do (a build command, scripts of the project's own at install time), everything is
installed, built and pruned. Where modules link into the source (workspaces), they stay with it.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autodeploy.compiler import toolchains
from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import Contents, Step
from autodeploy.compiler.static import serve
from autodeploy.compiler.takeback import take_back
from autodeploy.errors import BuildError, ToolMissing

MODULES = "node_modules"
HOOKS = ("preinstall", "install", "postinstall", "prepublish", "prepare")
OF_THIS_MACHINE = (".modules.yaml", ".yarn-integrity", ".pnpm-workspace-state*.json")
LOCAL = ("file:", "link:", "workspace:", "portal:", "./", "../")
CALL = re.compile(
    r"(?:exec )?(?:npm|yarn|pnpm|bun)(?: run| run-script)? (?P<name>[\w:.-]+)"
    r"(?: (?:-- )?(?P<rest>.+))?"
)
INTO = re.compile(r"cd (?P<folder>'[^']+'|[\w@./-]+) && (?P<rest>.+)")


@dataclass(frozen=True)
class Manager:
    """How a package manager is called; the first word is its name."""

    frozen: tuple[str, ...]
    unlocked: tuple[str, ...]
    production: str
    everything: str
    prune: tuple[str, ...]


MANAGERS = {
    "npm": Manager(
        frozen=("npm", "ci"),
        unlocked=("npm", "install"),
        production="--omit=dev",
        everything="--include=dev",
        prune=("npm", "prune", "--omit=dev", "--ignore-scripts"),
    ),
    "yarn": Manager(
        frozen=("yarn", "install", "--frozen-lockfile", "--non-interactive"),
        unlocked=("yarn", "install", "--no-lockfile", "--non-interactive"),
        production="--production=true",
        everything="--production=false",
        prune=("yarn", "install", "--production=true", "--ignore-scripts", "--non-interactive"),
    ),
    "pnpm": Manager(
        frozen=("pnpm", "install", "--frozen-lockfile"),
        unlocked=("pnpm", "install"),
        production="--prod",
        everything="--prod=false",
        prune=("pnpm", "prune", "--prod", "--ignore-scripts"),
    ),
}


class NodeBuilder:
    """An application with a package.json."""

    def __init__(self, job: Job) -> None:
        self._job = job
        brought = (job.runtime.bin,) if job.runtime.layer else ()
        self.path: tuple[str, ...] = (*brought, f"{MODULES}/.bin")
        self.environment = {"NODE_ENV": "production"}
        self.processes = {name: self._direct(one) for name, one in job.stack.processes.items()}
        if job.stack.output:
            self.processes.setdefault("web", serve(job.stack.output))

    def steps(self) -> list[Step]:
        """Modules and source, or both in one where they cannot be parted."""
        job, links = self._job, {MODULES: MODULES}
        source = {**self._inputs, "tree": job.tree.digest, "build": job.stack.build_command}
        if self._linked:
            linked = {**source, "linked": True}
            return [Step("source", linked, lambda _before: Contents(self._built()), self._made_by)]
        own = {"own": source} if self._whole else {}
        return [
            Step(
                "dependencies",
                {**self._inputs, **own},
                lambda _before: self._modules(links),
                self._made_by,
            ),
            Step("source", source, lambda _before: self._source()),
        ]

    @property
    def _made_by(self) -> dict[str, str]:
        node, _, npm = self._tools.version.partition(" npm ")
        name = self._manager.frozen[0]
        return {"node": node.removeprefix("v"), name: toolchains.manager(name) or npm}

    def _direct(self, command: str) -> str:
        """The command without the package manager, in whichever member's folder it runs."""
        command = direct(command, _scripts(self._manifest))
        there = INTO.fullmatch(command)
        if there is None:
            return command
        folder = shlex.split(there["folder"])[0]
        scripts = _scripts(_object(self._job, f"{folder}/package.json"))
        place = f"cd {shlex.quote(folder)} && export PATH=$PWD/{MODULES}/.bin:$PATH"
        return f"{place} && {direct(there['rest'], scripts)}"

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        return _object(self._job, "package.json")

    @cached_property
    def _tools(self) -> toolchains.Toolchain:
        return toolchains.node(self._job.toolchains, self._job.runtime)

    @cached_property
    def _manager(self) -> Manager:
        name = self._job.tool.name
        berry = name == "yarn" and ".yarnrc.yml" in self._job.tree.names
        if name not in MANAGERS or berry:
            raise ToolMissing(
                f"{'yarn 2 or newer' if berry else name} cannot be built with yet",
                step="tool",
                remediation="Commit a package-lock.json (`npm install --package-lock-only`).",
            )
        return MANAGERS[name]

    @cached_property
    def _inputs(self) -> dict[str, object]:
        job, lock = self._job, self._job.tool.lock
        kept = ("dependencies", "optionalDependencies", "overrides", "peerDependencies")
        return {
            "builder": "node",
            "toolchain": [self._tools.version, toolchains.manager(self._manager.frozen[0])],
            "image": job.image.name,
            "lock": job.tree.read(lock) if lock else None,
            "manifest": {key: self._manifest.get(key) for key in kept},
            "npmrc": job.tree.read(".npmrc"),
        }

    @cached_property
    def _whole(self) -> bool:
        """Whether the modules can only be installed together with the source."""
        return bool(self._job.stack.build_command) or any(
            hook in _scripts(self._manifest) for hook in HOOKS
        )

    @cached_property
    def _linked(self) -> bool:
        """Whether modules are links into the source."""
        if "workspaces" in self._manifest or "pnpm-workspace.yaml" in self._job.tree.names:
            return True
        if self._job.tool.lock in {"package-lock.json", "npm-shrinkwrap.json"}:
            packages = _object(self._job, self._job.tool.lock).get("packages") or {}
            return any(isinstance(one, dict) and one.get("link") for one in packages.values())
        required = self._manifest.get("dependencies") or {}
        if not isinstance(required, dict):
            raise BuildError(
                "`dependencies` in package.json is not an object",
                step="dependencies",
                remediation='Write it as {"name": "version"}.',
            )
        return any(str(one).startswith(LOCAL) for one in required.values())

    def _modules(self, links: dict[str, str]) -> Contents:
        folder = self._built() if self._whole else self._installed()
        layer = self._job.work / "dependencies"
        layer.mkdir()
        modules = folder / MODULES
        if modules.is_dir():
            _forget(modules)
            modules.rename(layer / MODULES)
        (layer / MODULES).mkdir(exist_ok=True)
        return Contents(layer, links=links)

    def _source(self) -> Contents:
        folder = self._built() if self._whole else self._job.copy()
        return Contents(folder, skip=frozenset({MODULES}))

    def _built(self) -> Path:
        """The copy with everything installed, built and pruned; once a build."""
        folder = self._job.copy()
        if (self._job.work / "built").exists():
            return folder
        self._install(self._manager.everything)
        if self._job.stack.build_command:
            variables = {**self._job.settings.env, **self._tools.variables}
            self._job.shell.run(self._job.stack.build_command, folder, variables)
        self._job.shell.run(self._manager.prune, folder, self._tools.variables)
        take_back(folder, self._job.log.warning)
        (self._job.work / "built").touch()
        return folder

    def _installed(self) -> Path:
        folder = self._install(self._manager.production)
        take_back(folder, self._job.log.warning)
        return folder

    def _install(self, kinds: str) -> Path:
        folder = self._job.copy()
        if not self._job.tool.lock:
            self._job.log.warning(
                "there is no lock file: what is installed depends on the day; "
                "commit one (`npm install --package-lock-only`)"
            )
        command = self._manager.frozen if self._job.tool.lock else self._manager.unlocked
        self._job.shell.run([*command, kinds], folder, self._tools.variables)
        return folder


def _forget(modules: Path) -> None:
    """Take out what tells of the day and the machine of the installation."""
    shutil.rmtree(modules / ".cache", ignore_errors=True)
    for pattern in OF_THIS_MACHINE:
        for path in modules.glob(pattern):
            path.unlink()


def direct(command: str, scripts: Mapping[str, str], depth: int = 5) -> str:
    """A command without the package manager: hosts have none, and it would swallow signals.

    `npm run NAME` becomes the script itself, with the scripts around it; PATH has its programs.
    """
    called = CALL.fullmatch(command.strip())
    script = scripts.get(called["name"]) if called else None
    if not called or script is None or not depth:
        return command
    name, last = called["name"], f"{script} {called['rest'] or ''}".strip()
    around = [scripts.get(f"pre{name}"), last, scripts.get(f"post{name}")]
    return " && ".join(direct(one, scripts, depth - 1) for one in around if one)


def _scripts(manifest: Mapping[str, Any]) -> dict[str, str]:
    scripts = manifest.get("scripts")
    return {key: str(one) for key, one in scripts.items()} if isinstance(scripts, dict) else {}


def _object(job: Job, path: str) -> dict[str, Any]:
    try:
        value = json.loads(job.tree.read(path) or "{}")
    except ValueError as error:
        raise BuildError(f"{path} is not JSON", cause=str(error), step="source") from error
    if not isinstance(value, dict):
        raise BuildError(f"{path} is no JSON object", step="source")
    return value
