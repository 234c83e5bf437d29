"""The applications of a repository that holds several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from autodeploy.contracts import Member
from autodeploy.recon.tree import Tree

# Where applications are usually kept, if nothing declares a workspace.
USUAL = ("apps", "services", "packages", "projects", "src")
MAX_MEMBERS = 50
MAX_FOLDERS = 200


@dataclass(frozen=True)
class Seen:
    """What a folder holds."""

    language: str
    framework: str | None
    file: str


Look = Callable[[Tree], Seen | None]


def members(tree: Tree, folders: Iterable[str], look: Look) -> list[Member]:
    """Those of the folders that `look` finds an application in."""
    found: list[Member] = []
    for folder in islice(dict.fromkeys(folders), MAX_FOLDERS):
        seen = look(tree.at(folder))
        if len(found) == MAX_MEMBERS:
            break
        if seen:
            found.append(
                Member(
                    path=folder,
                    language=seen.language,
                    framework=seen.framework,
                    file=f"{folder}/{seen.file}",
                )
            )
    return found


def usual(tree: Tree) -> Iterator[str]:
    """Where applications are, if nothing declares it."""
    yield from tree.folders()
    for parent in USUAL:
        yield from (f"{parent}/{name}" for name in tree.folders(parent))
