"""The story of a Node build: its modules, its output, and how its processes start."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from autodeploy.compiler import toolchains
from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import Contents, Step
from autodeploy.compiler.node import berry, native, nextjs
from autodeploy.compiler.node.commands import at_home, needs_bun
from autodeploy.compiler.node.links import linked
from autodeploy.compiler.node.managers import Manager, bun, manager
from autodeploy.compiler.node.manifest import document, scripts
from autodeploy.compiler.node.modules import MODULES, Modules, depend_on_source, said, tidy
from autodeploy.compiler.node.outputs import gather, output
from autodeploy.compiler.static import folders, site
from autodeploy.compiler.takeback import take_back
from autodeploy.contracts import Served

# Telling the framework's makers of each build is no part of it.
SILENT = {
    "NEXT_TELEMETRY_DISABLED": "1",
    "ASTRO_TELEMETRY_DISABLED": "1",
    "NUXT_TELEMETRY_DISABLED": "1",
    "GATSBY_TELEMETRY_DISABLED": "1",
    "DO_NOT_TRACK": "1",
}


class NodeBuilder:
    """An application with a package.json.

    Its modules are a layer that stays for as long as the lock file does, whatever the source. They
    are one with the source where they link into it (workspaces) or are no folder (Plug'n'Play),
    and are not shipped where the build's output runs alone.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        brought = (job.runtime.bin,) if job.runtime.layer else ()
        self.path: tuple[str, ...] = (*brought, f"{MODULES}/.bin", berry.PROGRAMS)
        self._manifest = document(job.tree)
        self.environment = {"NODE_ENV": "production"}
        self.release_command = self._direct(job.stack.release_command or "") or None
        self.processes = {name: self._direct(one) for name, one in job.stack.processes.items()}
        self.jobs = {name: self._direct(one) for name, one in job.jobs.items()}
        self._output = output(job.stack, {**self.processes, **self.jobs}, job.tree)
        if self._output and self._output.web:
            self.processes["web"] = self._output.web
        self.served = self._served()
        if self._plug_and_play:
            self._load_plug_and_play()

    def steps(self) -> list[Step]:
        """Modules and source, or both in one where they cannot be parted."""
        source = {
            **self._inputs,
            "tree": self._job.tree.digest,
            "build": [self._job.stack.build_command, self._job.settings.env],
            "output": self._output and [self._output.folder, *self._output.beside.items()],
        }
        if self._output:
            return [Step("source", source, lambda _before: self._gathered(), self._made_by)]
        if self._plug_and_play or linked(self._job.tree, self._manifest):
            whole = {**source, "whole": True}
            return [Step("source", whole, lambda _before: self._whole(), self._made_by)]
        own = {"own": source} if self._mixed else {}
        return [
            Step(
                "dependencies",
                {**self._inputs, **own},
                lambda _before: self._dependencies(),
                self._made_by,
            ),
            Step("source", source, lambda _before: self._source()),
        ]

    def _served(self) -> Served:
        stack, settings = self._job.stack, self._job.settings
        if stack.output and "web" not in self.processes:
            return site(stack, settings, stack.output)
        built = f"{self._output.folder}/" if self._output else ""
        own = {"/_next/static/": f"{built}.next/static"} if stack.framework == "next" else {}
        return folders(stack, settings, **own)

    @property
    def _made_by(self) -> dict[str, str]:
        node, _, npm = self._tools.version.partition(" npm ")
        return {"node": node.removeprefix("v"), self._manager.name: self._manager.version or npm}

    def _direct(self, command: str) -> str:
        def scripts_of(folder: str) -> Mapping[str, str]:
            return scripts(document(self._job.tree, f"{folder}/package.json"))

        return at_home(command, scripts(self._manifest), scripts_of)

    @cached_property
    def _tools(self) -> toolchains.Toolchain:
        """This machine's; the layers' keys say it wherever they are made."""
        return toolchains.node(self._job.toolchains, self._job.runtime)

    @cached_property
    def _manager(self) -> Manager:
        one = manager(self._job, self._tools, self._manifest)
        return native.on_host(self._job, one, self._tools) if self._job.on_host else one

    @cached_property
    def _modules(self) -> Modules:
        return Modules(self._job, self._manager)

    @cached_property
    def _bun(self) -> Path | None:
        """Bun's program, where a process runs by it."""
        commands = (*self.processes.values(), *self.jobs.values(), self.release_command or "")
        runs = any(map(needs_bun, commands))
        return bun(self._job, self._tools, self._manifest)[0] if runs else None

    @cached_property
    def _plug_and_play(self) -> bool:
        return self._job.tool.name == "yarn" and berry.plug_and_play(self._job.tree)

    def _load_plug_and_play(self) -> None:
        self.processes = {name: berry.loaded(one) for name, one in self.processes.items()}
        self.jobs = {name: berry.loaded(one) for name, one in self.jobs.items()}
        if self.release_command:
            self.release_command = berry.loaded(self.release_command)

    @cached_property
    def _mixed(self) -> bool:
        return depend_on_source(self._manifest)

    @cached_property
    def _inputs(self) -> dict[str, object]:
        job = self._job
        return {
            "builder": "node",
            "toolchain": [self._tools.version, self._manager.name, self._manager.version],
            "image": job.image.name,
            "bun": self._bun is not None,
            **said(job.tree, self._manifest),
        }

    @cached_property
    def _built(self) -> Path:
        """The copy of the source with everything installed, and built."""
        job, folder = self._job, self._job.copy()
        self._modules.all_into(folder)
        if job.stack.build_command:
            variables = {**SILENT, **job.settings.env, **self._manager.variables}
            job.shell.run(job.stack.build_command, folder, variables)
        self._take_back(folder)
        if job.stack.framework == "next":
            self._settle(folder / ".next")
        return folder

    def _settle(self, output: Path) -> None:
        """Take out of Next's output what differs from build to build."""
        for name in ("cache", "trace", "diagnostics"):
            path = output / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        job = self._job
        nextjs.settle(output, job.tree.digest, nextjs.machine_key(job.cache), job.settings.env)

    def _dependencies(self) -> Contents:
        builds = bool(self._job.stack.build_command)
        modules = self._modules
        if self._mixed:
            layer = modules.part_from(self._built)
        else:
            layer = modules.production(build_follows=builds)
        self._add_bun(layer)
        return Contents(layer, links={MODULES: MODULES}, packages=self._fit(layer))

    def _source(self) -> Contents:
        builds = self._mixed or self._job.stack.build_command
        folder = self._built if builds else self._job.copy()
        return Contents(folder, skip=frozenset({MODULES}))

    def _whole(self) -> Contents:
        """Source and modules in one."""
        folder = self._built
        self._modules.run(self._manager.calls.prune, folder)
        self._take_back(folder)
        if self._plug_and_play:
            berry.finish(self._modules.run, folder)
            self._take_back(folder)
        elif (folder / MODULES).is_dir():
            tidy(folder / MODULES)
        self._add_bun(folder)
        return Contents(folder, packages=self._fit(folder))

    def _gathered(self) -> Contents:
        target = self._job.work / "output"
        if self._output:
            gather(self._output, self._built, target)
        return Contents(target, packages=self._fit(target))

    def _fit(self, folder: Path) -> tuple[str, ...]:
        return native.fit(self._job, folder, native.required(self._manifest))

    def _take_back(self, folder: Path) -> None:
        take_back(folder, self._job.log.warning)

    def _add_bun(self, folder: Path) -> None:
        if self._bun:
            programs = folder / MODULES / ".bin"
            programs.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._bun, programs / "bun")
