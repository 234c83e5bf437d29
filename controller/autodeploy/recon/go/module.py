"""go.mod and go.work, whose language has no parser in Python: directives, alone or in blocks."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import File, Tree
from autodeploy.recon.versions import first_line, tool_files

HEROKU = "// +heroku goVersion"
MAX_MODULES = 100


@dataclass(frozen=True)
class Directive:
    """One line: `require example.org/x v1.0.0 // indirect`, alone or in a block."""

    verb: str
    words: tuple[str, ...]
    comment: str
    line: int


def directives(file: File | None) -> Iterator[Directive]:
    """The directives of a file, in order."""
    block = ""
    for number, raw in enumerate(file.text.splitlines() if file else (), 1):
        code, _, comment = raw.partition("//")
        words = [word.strip('"`') for word in code.split()]
        if words[-1:] == ["("] and len(words) == 2:
            block = words[0]
        elif words == [")"]:
            block = ""
        elif words and block:
            yield Directive(block, tuple(words), comment.strip(), number)
        elif words:
            yield Directive(words[0], tuple(words[1:]), comment.strip(), number)


def folders(tree: Tree) -> list[str]:
    """The folders of the modules: the root's where it has one, then those that go.work uses."""
    found = [""] if tree.has("go.mod") else []
    for one in directives(tree.read("go.work")):
        if one.verb == "use" and one.words:
            folder = posixpath.normpath(one.words[0])
            folder = "" if folder == "." else folder
            if folder not in found and not folder.startswith(("..", "/")):
                found.append(folder)
    return found[:MAX_MODULES]


def required(tree: Tree) -> Iterator[Fact]:
    """Modules that the code itself needs: `// indirect` ones serve others."""
    for folder in folders(tree):
        path = f"{folder}/go.mod".lstrip("/")
        for one in directives(tree.read(path)):
            if one.verb == "require" and one.words and "indirect" not in one.comment:
                yield Fact(one.words[0], path, one.line)


def name(tree: Tree) -> str:
    """The last part of the module's path, without its major version."""
    for one in directives(tree.read("go.mod")):
        if one.verb == "module" and one.words:
            parts = one.words[0].split("/")
            major = len(parts) > 1 and parts[-1][:1] == "v" and parts[-1][1:].isdigit()
            return parts[-2] if major else parts[-1]
    return ""


def versions(tree: Tree) -> Iterator[Fact]:
    """Pins before go.work and go.mod, whose `go` line is the least that will do."""
    yield from tool_files(tree, "go", "golang")
    if fact := first_line(tree.read(".go-version")):
        yield fact
    modules = [f"{folder}/go.mod".lstrip("/") for folder in folders(tree)]
    for path in ("go.work", *modules):
        file = tree.read(path)
        for number, line in enumerate(file.text.splitlines() if file else (), 1):
            if line.startswith(HEROKU):
                version = line.removeprefix(HEROKU).strip()
                yield Fact(version.removeprefix("go"), path, number)
        for one in directives(file):
            if (
                one.verb in ("go", "toolchain")
                and len(one.words) == 1
                and one.words[0] != "default"
            ):
                version = one.words[0].removeprefix("go")
                yield Fact(version, path, one.line, meaning=f">={version}")
