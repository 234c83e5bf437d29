"""Front ends inside applications of other languages: built first, their output is taken from there.

Of Go that is what `//go:embed` names, is not in the repository, and has a package.json with a
build script above it.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from autodeploy.compiler import toolchains
from autodeploy.compiler.image import newest
from autodeploy.compiler.job import Job
from autodeploy.compiler.node.builder import SILENT
from autodeploy.compiler.node.managers import Manager, manager
from autodeploy.compiler.node.manifest import document, scripts, table
from autodeploy.compiler.node.modules import MODULES, Modules
from autodeploy.compiler.tools import MANIFESTS, choose
from autodeploy.compiler.tree import Tree
from autodeploy.contracts import Runtime, Source

EMBED = re.compile(r"^//go:embed[ \t]+(.+)$", re.MULTILINE)
PATTERN = re.compile(r'"([^"]+)"|`([^`]+)`|(\S+)')
# Nothing of Node is on the host: this one, where the front end does not refuse it.
LINE = "22"


@dataclass(frozen=True)
class FrontEnd:
    """A folder whose build script makes what another language takes.

    Attributes:
        job: The build of the whole application.
        folder: Relative to it; "" is the top.
    """

    job: Job
    folder: str

    @property
    def inputs(self) -> list[str]:
        """What its output depends on, the source apart."""
        return [self.folder, self._tools.version, self._manager.name, self._manager.version]

    def build(self, copy: Path) -> None:
        """Build it in a copy of the whole application; its modules are gone afterwards."""
        place = copy / self.folder
        modules = Modules(self._own, self._manager)
        modules.all_into(place)
        command = [self._own.tool.name, "run", "build"]
        variables = {**SILENT, **self.job.settings.env, **self._manager.variables}
        self.job.shell.run(command, place, variables)
        shutil.rmtree(place / MODULES, ignore_errors=True)

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        return document(self._tree)

    @cached_property
    def _tree(self) -> Tree:
        root = self.job.tree.root / self.folder
        return Tree(Source(url="", checkout=root, commit="0" * 40, name="front-end"))

    @cached_property
    def _own(self) -> Job:
        declared = str(self._manifest.get("packageManager") or "").partition("@")[0]
        known = declared if declared in MANIFESTS["node"].values() else None
        return replace(self.job, tree=self._tree, tool=choose("node", known, self._tree.names))

    @cached_property
    def _tools(self) -> toolchains.Toolchain:
        store, asked = self.job.toolchains, table(self._manifest, "engines").get("node", "*")
        versions = toolchains.NodeBuilds(store, self.job.settings.arch).versions()
        version = newest("node", asked, LINE, versions) or newest("node", "*", LINE, versions)
        return toolchains.node(store, Runtime(language="node", version=version))

    @cached_property
    def _manager(self) -> Manager:
        return manager(self._own, self._tools, self._manifest)


def embedded(job: Job) -> list[FrontEnd]:
    """The front ends of a Go module, by folder."""
    missing = {path for path in _embeds(job.tree) if not _there(job.tree, path)}
    folders = {_built_by(job.tree, path) for path in missing}
    return [FrontEnd(job, folder) for folder in sorted(one for one in folders if one is not None)]


def _embeds(tree: Tree) -> Iterator[str]:
    """What is embedded, up to the first wildcard."""
    for path in tree.paths:
        if not path.endswith(".go") or path.endswith("_test.go"):
            continue
        for line in EMBED.findall(tree.read(path)):
            for quoted, raw, plain in PATTERN.findall(line):
                pattern = (quoted or raw or plain).removeprefix("all:")
                fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
                folder = posixpath.dirname(fixed) if fixed != pattern else fixed
                yield posixpath.normpath(posixpath.join(posixpath.dirname(path), folder))


def _there(tree: Tree, path: str) -> bool:
    """Whether the repository itself has it; a placeholder that keeps a folder does not count."""
    below = [one for one in tree.paths if one == path or one.startswith(f"{path}/")]
    return any(not posixpath.basename(one).startswith(".") for one in below)


def _built_by(tree: Tree, path: str) -> str | None:
    """The nearest folder above with a package.json that has a build script."""
    while path:
        path = posixpath.dirname(path)
        manifest = posixpath.join(path, "package.json")
        if manifest in tree.names and "build" in scripts(document(tree, manifest)):
            return path
    return None
