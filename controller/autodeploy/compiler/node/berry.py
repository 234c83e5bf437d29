"""Yarn 2 and newer: its settings, and what it needs to be told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autodeploy.compiler.node.calls import Calls
from autodeploy.compiler.tree import Tree
from autodeploy.errors import BuildError
from autodeploy.safeyaml import BoundedLoader

SETTINGS = ".yarnrc.yml"
PLUGIN = ".yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs"
NEWEST = 4
FOCUSES = 4  # Since then the command that leaves development dependencies out is built in.
PROGRAMS = ".yarn/bin"
TABLES = (".pnp.cjs", ".pnp.data.json")
SHIM = '#!/bin/sh\nexec node "$(dirname -- "$0")/../../{path}" "$@"\n'
# Hosts have no yarn: each process loads what finds the modules in their archives by itself.
LOADED = (
    'export NODE_OPTIONS="--require $PWD/.pnp.cjs $(test -f .pnp.loader.mjs &&'
    ' echo --experimental-loader file://$PWD/.pnp.loader.mjs) $NODE_OPTIONS"'
)


@dataclass(frozen=True)
class Settings:
    """What .yarnrc.yml says.

    Attributes:
        linker: pnp, node-modules or pnpm.
        release: The yarn that the repository brings along; None where it brings none.
        focuses: Whether a plugin can install for production alone.
    """

    linker: str
    release: str | None
    focuses: bool


def settings(tree: Tree) -> Settings:
    """The settings of a repository.

    Raises:
        BuildError: They are no YAML mapping.
    """
    said = _mapping(tree)
    release = str(said.get("yarnPath") or "").removeprefix("./")
    return Settings(
        linker=str(said.get("nodeLinker") or "pnp"),
        release=release if release in tree.names else None,
        focuses=PLUGIN in tree.names,
    )


def _mapping(tree: Tree) -> dict[str, Any]:
    try:
        value = BoundedLoader.load(tree.read(SETTINGS) or "{}")
    except yaml.YAMLError as error:
        raise BuildError(f"{SETTINGS} is not YAML", cause=str(error), step="tool") from error
    if not isinstance(value, dict):
        raise BuildError(f"{SETTINGS} is no YAML mapping", step="tool")
    return value


def variables(downloads: Path, told: Settings) -> dict[str, str]:
    """What yarn is told by its variables; `downloads` is shared by all builds."""
    common = {
        "YARN_GLOBAL_FOLDER": str(downloads / "yarn"),
        "YARN_ENABLE_TELEMETRY": "false",
        "YARN_ENABLE_PROGRESS_BARS": "false",
        "YARN_IGNORE_PATH": "true",
    }
    if told.linker == "pnp":
        # The archives beside the source are what is shipped.
        return {**common, "YARN_ENABLE_GLOBAL_CACHE": "false"}
    return common


def calls(told: Settings, line: int, *, locked: bool) -> Calls:
    """How a line of yarn is called; before 4, only its plugin installs for production alone."""
    everything = ("yarn", "install", "--immutable" if locked else "--no-immutable")
    if line < FOCUSES and not told.focuses:
        return Calls(everything, everything, everything)
    production = ("yarn", "workspaces", "focus", "--production")
    return Calls(everything, production, production)


def plug_and_play(tree: Tree) -> bool:
    """Whether modules stay in archives that `.pnp.cjs` reads."""
    return SETTINGS in tree.names and settings(tree).linker == "pnp"


def loaded(command: str) -> str:
    """A command whose Node finds modules in archives."""
    return f"{LOADED} && {command}"


def finish(run: Callable[[str, Path], None], folder: Path) -> None:
    """Make the modules' programs callable without yarn, and forget this machine.

    Args:
        run: Runs a shell's command with yarn in PATH.
        folder: The application, installed.
    """
    shutil.rmtree(folder / PROGRAMS, ignore_errors=True)
    (folder / PROGRAMS).mkdir(parents=True)
    listed = folder / PROGRAMS / "listed"
    run(f"yarn bin --json > {PROGRAMS}/listed", folder)
    if listed.is_symlink() or not listed.is_file():
        raise BuildError("yarn did not list the modules' programs", step="dependencies")
    for line in listed.read_text().splitlines():
        one = json.loads(line)
        name, path = str(one["name"]), Path(str(one["path"]))
        if "/" not in name and path.is_relative_to(folder):
            _write(folder / PROGRAMS / name, path.relative_to(folder))
    for path in (listed, folder / ".yarn/install-state.gz", folder / ".yarn/build-state.yml"):
        path.unlink(missing_ok=True)
    _forget_unused(folder)


def _forget_unused(folder: Path) -> None:
    """Remove the archives of what only development needs: yarn leaves them in its cache."""
    tables = [folder / name for name in TABLES if (folder / name).is_file()]
    named = "".join(table.read_text() for table in tables)
    for archive in (folder / ".yarn/cache").glob("*.zip"):
        if archive.name not in named:
            archive.unlink()


def _write(shim: Path, program: Path) -> None:
    shim.write_text(SHIM.format(path=program))
    shim.chmod(0o755)
