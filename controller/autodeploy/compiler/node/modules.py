"""The dependency layer: production's modules, made of the lock file alone.

They are installed in a folder without the source. Modules that installing makes of the source
(hooks of the project's own, generated clients) are taken from the build instead.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from autodeploy.compiler.job import Job
from autodeploy.compiler.node.calls import Command
from autodeploy.compiler.node.managers import Manager
from autodeploy.compiler.node.manifest import document, scripts, table
from autodeploy.compiler.node.native import explained, required
from autodeploy.compiler.takeback import take_back
from autodeploy.compiler.tree import Tree
from autodeploy.errors import BuildFailed

MODULES = "node_modules"
HOOKS = ("preinstall", "install", "postinstall", "prepublish", "prepare")
# What writes into the modules what the source says.
GENERATORS = ("prisma", "@prisma/client")
OF_THIS_MACHINE = (".modules.yaml", ".yarn-integrity", ".pnpm-workspace-state*.json")
ASKED = re.compile(
    r"package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml"
    r"|yarn\.lock|bun\.lockb?|bunfig\.toml|\.npmrc|\.yarnrc|\.yarnrc\.yml|\.pnpmfile\.[cm]?js"
    r"|patches/.*|\.yarn/(?:patches|plugins|releases|cache)/.*"
)
KEPT = (
    *("dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"),
    *("devDependencies", "dependenciesMeta", "overrides", "resolutions", "pnpm"),
    *("trustedDependencies", "patchedDependencies", "bundledDependencies", "bundleDependencies"),
)


def asked(tree: Tree) -> list[str]:
    """The files that say which modules are installed, and how."""
    return [path for path in tree.paths if ASKED.fullmatch(path)]


def said(tree: Tree, manifest: Mapping[str, Any]) -> dict[str, object]:
    """What these files say: of package.json only what modules depend on."""
    return {
        "manifest": {key: manifest[key] for key in KEPT if key in manifest},
        "files": tree.digest_of([path for path in asked(tree) if path != "package.json"]),
    }


def depend_on_source(manifest: Mapping[str, Any]) -> bool:
    """Whether installing runs or reads the application's own files."""
    required = {**table(manifest, "dependencies"), **table(manifest, "devDependencies")}
    hooked = any(hook in scripts(manifest) for hook in HOOKS)
    return hooked or any(name in required for name in GENERATORS)


class Modules:
    """The modules of one build."""

    def __init__(self, job: Job, manager: Manager) -> None:
        self._job = job
        self._manager = manager
        self._everything = job.work / "everything"
        self._names = required(document(job.tree))

    def production(self, *, build_follows: bool) -> Path:
        """A new folder with production's modules, and nothing of the source."""
        folder = self._job.work / "production"
        if build_follows and self._manager.name == "npm":
            self._part(folder)
        else:
            self._job.tree.copy(folder, asked(self._job.tree))
            self.run(self._manager.calls.production, folder)
        return self._layer(folder)

    def _part(self, folder: Path) -> None:
        """Install once, and take away in a tree of links: npm unpacks anew, others link."""
        self._job.tree.copy(self._everything, asked(self._job.tree))
        self.run(self._manager.calls.everything, self._everything)
        # After that command: what is there before one is its user's, and what is added is not.
        self._job.tree.copy(folder, asked(self._job.tree))
        modules = self._everything / MODULES
        if modules.is_dir():
            shutil.copytree(modules, folder / MODULES, symlinks=True, copy_function=os.link)
        self.run(self._manager.calls.prune, folder)

    def all_into(self, folder: Path) -> None:
        """Give the copy of the source everything that its build needs."""
        modules = self._everything / MODULES
        if modules.is_dir():
            modules.rename(folder / MODULES)
        else:
            self.run(self._manager.calls.everything, folder)

    def part_from(self, folder: Path) -> Path:
        """Take production's modules from a copy of the source that is built."""
        self.run(self._manager.calls.prune, folder)
        return self._layer(folder)

    def run(self, command: Command | str, folder: Path) -> None:
        """Run a command of the package manager."""
        try:
            self._job.shell.run(command, folder, self._manager.variables)
        except BuildFailed as error:
            raise explained(self._job, error, self._names) from error

    def _layer(self, folder: Path) -> Path:
        layer = self._job.work / "dependencies"
        layer.mkdir()
        take_back(folder, self._job.log.warning)
        modules = folder / MODULES
        modules.mkdir(exist_ok=True)
        tidy(modules)
        modules.rename(layer / MODULES)
        return layer


def tidy(modules: Path) -> None:
    """Take out what tells of the day, the machine and the way of the installation."""
    shutil.rmtree(modules / ".cache", ignore_errors=True)
    for pattern in OF_THIS_MACHINE:
        for path in modules.glob(pattern):
            path.unlink()
    for scope in modules.glob("@*"):
        with suppress(OSError):  # It has modules.
            scope.rmdir()
