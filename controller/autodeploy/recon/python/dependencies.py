"""What a Python repository depends on, from every file that may say so."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import File, Tree

REQUIREMENTS = (
    "requirements.txt",
    "requirements.in",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "requirements/common.txt",
)
MAX_INCLUDES = 20
MAX_LINES = 5_000
MAX_NAMES = 2_000
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "extra": ""}

Dependencies = dict[str, Fact]


def dependencies(tree: Tree) -> Dependencies:
    """Every package of the running application by its canonical name, with where it is said.

    An extra is a name of its own: `celery[redis]` gives `celery` and `celery[redis]`.
    """
    found: Dependencies = {}
    for source in (_requirements, _pyproject, _pipfile, _setup_cfg, _setup_py, _conda):
        for name, fact in source(tree):
            found.setdefault(name, fact)
    return found


def _requirements(tree: Tree) -> Iterator[tuple[str, Fact]]:
    queue = [path for path in REQUIREMENTS if tree.has(path)]
    seen: set[str] = set()
    while queue and len(seen) < MAX_INCLUDES:
        path = queue.pop(0)
        file = None if path in seen else tree.read(path)
        seen.add(path)
        for number, line in islice(_logical_lines(file), MAX_LINES):
            if included := _included(line, path):
                queue.append(included)
            elif file and (text := _requirement_text(line)):
                yield from _named(text, file.path, number)


def _logical_lines(file: File | None) -> Iterator[tuple[int, str]]:
    """Lines without comments, continuations joined, with the number of their first."""
    joined, start = "", 0
    for number, raw in enumerate(file.text.splitlines() if file else (), 1):
        start = start if joined else number
        line = "" if raw.lstrip().startswith("#") else raw.split(" #", 1)[0].split("\t#", 1)[0]
        joined += line.rstrip().removesuffix("\\")
        if not line.rstrip().endswith("\\"):
            yield start, joined.strip()
            joined = ""
    yield start, joined.strip()


def _included(line: str, path: str) -> str | None:
    for option in ("-r", "--requirement"):
        rest = line.removeprefix(option)
        if rest != line and (rest[:1] in (" ", "=", "\t") or option == "-r"):
            folder = path.rpartition("/")[0]
            return _joined(folder, rest.lstrip(" =\t"))
    return None


def _joined(folder: str, relative: str) -> str:
    parts = [part for part in folder.split("/") if part]
    for part in relative.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return "/".join(parts)


def _requirement_text(line: str) -> str | None:
    """The requirement of a line, without pip's options behind it; None for options."""
    for option in ("-e", "--editable"):
        if line.startswith((f"{option} ", f"{option}=")):
            return _egg(line[len(option) + 1 :].strip())
    if not line or line.startswith("-"):
        return None
    text = line.split(" --", 1)[0].strip()
    return _egg(text) if "://" in text and " @ " not in text and "@ " not in text else text


def _egg(url: str) -> str | None:
    """The name that a URL says of itself: `#egg=NAME`."""
    try:
        names = parse_qs(urlsplit(url).fragment).get("egg")
    except ValueError:
        return None
    return names[0] if names else None


def _named(text: str, file: str, line: int | None) -> Iterator[tuple[str, Fact]]:
    try:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate(LINUX):
            return
    except (InvalidRequirement, ValueError, KeyError, RecursionError):
        return
    name = canonicalize_name(requirement.name)
    yield name, Fact(str(requirement), file, line)
    for extra in sorted(requirement.extras):
        yield f"{name}[{extra.lower()}]", Fact(str(requirement), file, line)


def _listed(entries: Any, file: File | None) -> Iterator[tuple[str, Fact]]:
    for entry in islice(entries if isinstance(entries, list | tuple) else (), MAX_NAMES):
        if isinstance(entry, str) and file:
            for name, fact in _named(entry, file.path, None):
                yield name, Fact(fact.value, file.path, file.line_of(entry))


def _keyed(table: Any, file: File | None) -> Iterator[tuple[str, Fact]]:
    """Poetry's and Pipenv's form: name = version, or name = {version, extras}."""
    for name, wanted in islice(table.items() if isinstance(table, dict) else (), MAX_NAMES):
        if not file or not isinstance(name, str) or name.lower() == "python":
            continue
        options = wanted if isinstance(wanted, dict) else {}
        fact = Fact(name, file.path, file.line_of(name))
        yield canonicalize_name(name), fact
        extras = options.get("extras")
        for extra in extras if isinstance(extras, list) else ():
            yield f"{canonicalize_name(name)}[{str(extra).lower()}]", fact


def _pyproject(tree: Tree) -> Iterator[tuple[str, Fact]]:
    path = "pyproject.toml"
    file, document = tree.read(path), tree.toml(path)
    yield from _listed(table(document, "project").get("dependencies"), file)
    yield from _keyed(table(document, "tool", "poetry").get("dependencies"), file)


def _pipfile(tree: Tree) -> Iterator[tuple[str, Fact]]:
    yield from _keyed(tree.toml("Pipfile").get("packages"), tree.read("Pipfile"))


def _setup_cfg(tree: Tree) -> Iterator[tuple[str, Fact]]:
    file = tree.read("setup.cfg")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.text if file else "")
    except configparser.Error:
        return
    wanted = parser.get("options", "install_requires", fallback="")
    yield from _listed(wanted.splitlines(), file)


def _setup_py(tree: Tree) -> Iterator[tuple[str, Fact]]:
    for node in tree.nodes("setup.py"):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            yield from _listed(_literal(node.value), tree.read("setup.py"))


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None


def _conda(tree: Tree) -> Iterator[tuple[str, Fact]]:
    file = tree.read("environment.yml")
    entries = tree.yaml("environment.yml").get("dependencies")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, str) and file:
            yield from _named(entry.split("=", 1)[0], file.path, file.line_of(entry))
        elif isinstance(entry, dict):
            yield from _listed(entry.get("pip"), file)


def table(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The table at the keys; empty where there is none."""
    for key in keys:
        found = document.get(key)
        document = found if isinstance(found, dict) else {}
    return document
