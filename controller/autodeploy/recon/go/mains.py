"""Main packages: which folders can be built into something that runs, and which one is meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from autodeploy.recon.fact import CONVENTION, DERIVED, Fact
from autodeploy.recon.go import module
from autodeploy.recon.tree import Tree

PREFERRED = ("server", "web", "api", "app", "main")
NO_APPLICATION = frozenset({"examples", "example", "scripts", "tools", "hack", "testdata", "test"})
MAX_FILES = 50
MAX_FOLDERS = 200


def chosen(tree: Tree) -> Fact | None:
    """The one package to run; None where there are several and none is named as the module."""
    found = mains(tree)
    if len(found) <= 1 or found[0].value == "":
        return found[0] if found else None
    for name in (module.name(tree), *PREFERRED):
        for main in found:
            if name and main.value.rsplit("/", 1)[-1] == name:
                return Fact(main.value, main.file, main.line, CONVENTION)
    return None


def mains(tree: Tree) -> list[Fact]:
    """Folders with a main package: those of cmd, those of modules, those below the root."""
    found = []
    for folder in islice(dict.fromkeys(_places(tree)), MAX_FOLDERS):
        fact = next((one for path in files(tree, folder) if (one := _main(tree, path))), None)
        if fact:
            found.append(Fact(folder, fact.file, fact.line, DERIVED))
    return found


def files(tree: Tree, folder: str) -> list[str]:
    """The folder's Go files without tests."""
    names = [one for one in tree.files(folder) if one.endswith(".go")]
    wanted = [name for name in names[:MAX_FILES] if not name.endswith("_test.go")]
    return [f"{folder}/{name}".lstrip("/") for name in wanted]


def _places(tree: Tree) -> Iterator[str]:
    yield ""
    for folder in ("", *module.folders(tree)):
        below = f"{folder}/cmd".lstrip("/")
        yield folder
        yield below
        yield from (f"{below}/{name}" for name in tree.folders(below))
    yield from (name for name in tree.folders() if name != "cmd" and name not in NO_APPLICATION)


def _main(tree: Tree, path: str) -> Fact | None:
    file = tree.read(path)
    package = None
    for number, line in enumerate(file.text.splitlines() if file else (), 1):
        if line.startswith(("//go:build ignore", "// +build ignore")):
            return None
        if line.startswith("package "):
            package = line.removeprefix("package ").split("//", 1)[0].strip()
            if package != "main":
                return None
        if package == "main" and line.startswith("func main()"):
            return Fact("main", path, number)
    return None
