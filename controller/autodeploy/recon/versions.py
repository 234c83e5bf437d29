"""Declared → resolved: the newest known release line that satisfies what the repository asks for.

The table of releases is data with a date. Whether a host has that line is the Compiler's question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import File, Tree

TABLE = Path(__file__).parent / "data/runtimes.json"
NEWEST = frozenset({"latest", "*", "node", "stable", "current", "x"})
LONGEST_CONSTRAINT = 256
Test = Callable[[str], bool]


@cache
def _table() -> dict[str, Any]:
    text = TABLE.read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def releases(language: str) -> Iterator[tuple[str, str]]:
    """Line and version of all known releases, the newest first.

    A line's numbers run from 0 to the newest of each minor: the few that were never published are
    not told apart.
    """
    for line, patches in reversed(_table()[language].items()):
        for minor in range(len(patches) - 1, -1, -1):
            whole = f"{line}.{minor}" if language == "node" and "." not in line else line
            for patch in range(patches[minor], -1, -1):
                yield line, f"{whole}.{patch}"


def resolve(language: str, *constraints: str) -> str | None:
    """The release line that the constraints mean: a pin narrows the range that it is in.

    Args:
        language: python, node or go.
        constraints: As the ecosystem writes them, the one that decides first; others count as far
            as they can be met as well.

    Returns:
        A line such as `3.11`, `18` or `1.25`; None where no known release satisfies the first.
    """
    first, *others = [_test(language, one.strip()) for one in constraints]
    if first is None:
        return None
    fitting = [(line, version) for line, version in releases(language) if first(version)]
    for test in filter(None, others):
        narrower = [pair for pair in fitting if test(pair[1])]
        fitting = narrower or fitting
    return fitting[0][0] if fitting else None


def _test(language: str, constraint: str) -> Test | None:
    return TESTS[language](constraint) if len(constraint) <= LONGEST_CONSTRAINT else None


def _python_test(constraint: str) -> Test | None:
    if constraint in NEWEST:
        return lambda _version: True
    plain = constraint.removeprefix("python-").removeprefix("cpython-").removeprefix("python")
    alternatives = [_specifiers(one) for one in plain.replace("||", "|").split("|")]
    usable = [one for one in alternatives if one is not None]
    if len(usable) < len(alternatives):
        return None
    return lambda version: any(one.contains(version) for one in usable)


def _specifiers(text: str) -> SpecifierSet | None:
    """A PEP 440 set, or one in Poetry's words (`^3.10`, `~3.10`, `3.10.*`, `3.10`)."""
    try:
        return SpecifierSet(",".join(_pep440(one) for one in _clauses(text)))
    except (InvalidSpecifier, InvalidVersion):
        return None


def _clauses(text: str) -> list[str]:
    """The parts between commas and blanks; a blank after an operator does not part."""
    parts: list[str] = []
    for word in text.replace(",", " ").split():
        if parts and not parts[-1].strip("<>=!~^"):
            parts[-1] += word
        else:
            parts.append(word)
    return parts


def _pep440(clause: str) -> str:
    if clause[0] in "<>!" or clause.startswith(("==", "~=")):
        return clause
    version = clause.lstrip("^~=")
    if clause[0] in "^~":
        low = Version(version)
        width = 1 if clause[0] == "^" or len(low.release) == 1 else 2
        if clause[0] == "^" and low.major == 0:
            width = 2
        above = [*low.release[: width - 1], (*low.release, 0)[width - 1] + 1]
        return f">={version},<{'.'.join(map(str, above))}"
    if version == "*":
        return ">=0"
    exact = version.endswith(".*") or version.count(".") >= 2
    return f"=={version}" if exact else f"=={version}.*"


def _node_test(constraint: str) -> Test | None:
    import nodesemver

    name = constraint.lower()
    if name in NEWEST or not name:
        return lambda _version: True
    lines: dict[str, str] = _table()["node_lts"]
    if name in ("lts", "lts/*", "--lts"):
        name = list(lines.values())[-1]
    elif name.startswith("lts/"):
        name = lines.get(name.removeprefix("lts/"), "")
    try:
        wanted = nodesemver.make_range(name, loose=True) if name else None
        wanted and wanted.test(nodesemver.make_semver("1.0.0", loose=True))
    except (ValueError, TypeError, AttributeError, IndexError):
        return None
    if wanted is None:
        return None
    return lambda version: bool(wanted.test(nodesemver.make_semver(version, loose=True)))


def _go_test(constraint: str) -> Test | None:
    if constraint in NEWEST:
        return lambda _version: True
    least = constraint.startswith(">=")
    try:
        wanted = Version(constraint.removeprefix(">=").removeprefix("go"))
    except InvalidVersion:
        return None
    if least:
        return lambda version: Version(version) >= wanted
    exact = f"{wanted}."
    return lambda version: f"{version}.".startswith(exact)


TESTS: dict[str, Callable[[str], Test | None]] = {
    "python": _python_test,
    "node": _node_test,
    "go": _go_test,
}


def first_line(file: File | None, comment: str = "#") -> Fact | None:
    """The first line that says something, of a file such as .nvmrc or .python-version."""
    for number, line in enumerate(file.text.splitlines() if file else (), 1):
        value = line.split(comment, 1)[0].strip()
        if file and value:
            return Fact(value, file.path, number)
    return None


def tool_files(tree: Tree, *tools: str) -> list[Fact]:
    """What .tool-versions and mise's files declare for a tool of any of these names."""
    found = []
    if file := tree.read(".tool-versions"):
        for number, line in enumerate(file.text.splitlines(), 1):
            words = line.split("#", 1)[0].split()
            if len(words) > 1 and words[0] in tools:
                found.append(Fact(words[1], file.path, number))
    for path in ("mise.toml", ".mise.toml"):
        declared = tree.toml(path).get("tools")
        table = declared if isinstance(declared, dict) else {}
        values = ((tool, _mise_value(table.get(tool))) for tool in tools)
        found += [Fact(value, path, tree.line(path, tool)) for tool, value in values if value]
    return found


def _mise_value(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("version")
    return str(value) if isinstance(value, str | int | float) else None
