"""Builds whose output runs alone: it is shipped, and neither modules nor source are."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autodeploy.compiler.tree import Tree
from autodeploy.contracts import TechStack
from autodeploy.errors import BuildError

NITRO = re.compile(r"(?:exec )?node (?:\./)?\.output/server/index\.mjs")
NEXT_CONFIGS = tuple(f"next.config.{end}" for end in ("js", "mjs", "cjs", "ts", "mts"))
NEXT_STANDALONE = re.compile(r"\boutput\s*:\s*['\"]standalone['\"]")
NEXT_START = re.compile(
    r"(?:exec )?(?:npx )?next start\b.*|(?:exec )?node (?:\./)?\.next/standalone/server\.js"
)
STANDALONE = ".next/standalone"


@dataclass(frozen=True)
class Output:
    """What a build leaves that runs alone.

    Attributes:
        folder: Where it is, relative to the application.
        beside: Folders to copy into it, by their place there.
        web: The command that serves it, where it is not the repository's.
    """

    folder: str
    beside: Mapping[str, str]
    web: str | None = None


def output(stack: TechStack, processes: Mapping[str, str], tree: Tree) -> Output | None:
    """The output that is all there is to ship; None where something needs more than it."""
    web = processes.get("web", "")
    if stack.release_command or set(processes) - {"web"} or not stack.build_command:
        return None
    if stack.output and stack.output != ".":
        return Output(stack.output, {}) if "web" not in stack.processes else None
    if NITRO.fullmatch(web):
        return Output(".output", {})
    if NEXT_START.fullmatch(web) and _standalone(tree):
        beside = {".next/static": ".next/static", "public": "public"}
        return Output(STANDALONE, beside, f"exec node {STANDALONE}/server.js")
    return None


def _standalone(tree: Tree) -> bool:
    return any(NEXT_STANDALONE.search(tree.read(name)) for name in NEXT_CONFIGS)


def gather(one: Output, built: Path, target: Path) -> None:
    """Move an output to a folder of its own, at the same path.

    Raises:
        BuildError: The build left none, or one that is a link.
    """
    folder = built / one.folder
    if not _own(folder, built) or not any(folder.iterdir()):
        raise BuildError(
            f"the build left nothing in {one.folder}",
            step="output",
            remediation="Set `output` in autodeploy.yml to the folder with the built files.",
        )
    for path, place in one.beside.items():
        if _own(built / path, built):
            shutil.copytree(built / path, folder / place, symlinks=True, dirs_exist_ok=True)
    (target / one.folder).parent.mkdir(parents=True)
    folder.rename(target / one.folder)


def _own(folder: Path, built: Path) -> bool:
    """Whether it is a folder of the build's own: no link leads away."""
    return folder.is_dir() and folder.resolve() == built.resolve() / folder.relative_to(built)
