"""What the hosts' images bring along, and whether that is what the repository asks for."""

from __future__ import annotations

import re

import nodesemver
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from autodeploy.contracts import IMAGES, Image, TechStack
from autodeploy.errors import RuntimeUnsupported

LTS = {"gallium": "16", "hydrogen": "18", "iron": "20", "jod": "22"}
NEWEST = frozenset({"", "*", "node", "latest", "current", "stable", "lts", "lts/*"})


def require_runtime(stack: TechStack, image: Image) -> str | None:
    """The version of the runtime that the release will have.

    Raises:
        RuntimeUnsupported: The image has another one than the repository declares.
    """
    has = image.version(stack.language)
    declared = stack.runtime_version.declared
    if has is None or declared is None or satisfies(stack.language, has, declared):
        return has
    others = [
        one.name
        for one in IMAGES.values()
        if satisfies(stack.language, one.version(stack.language) or "", declared)
    ]
    raise RuntimeUnsupported(
        f"the repository asks for {stack.language} {declared} "
        f"({stack.runtime_version.source or 'settings'}) and {image.name} has {has}",
        step="runtime",
        remediation=f"Set `image: {others[0]}` in autodeploy.yml." if others else None,
    )


def satisfies(language: str | None, version: str, declared: str) -> bool:
    """Whether `version` is what `declared` asks for, in the ecosystem's own notation.

    An exact pin is met by its line (Python: minor, Node: major): distributions move the patch.
    """
    text = declared.strip().lower()
    if language == "python":
        return any(_python(version, part.strip()) for part in text.split("||"))
    if language == "node":
        return _node(version, text)
    return True


def _python(version: str, text: str) -> bool:
    text = text.removeprefix("cpython").removeprefix("python").lstrip("-@ ")
    if re.fullmatch(r"(==)?\d+(\.\d+){0,2}", text):
        line = text.removeprefix("==").split(".")[:2]
        return version.split(".")[: len(line)] == line
    try:
        return SpecifierSet(_pep440(text)).contains(version)
    except InvalidSpecifier:
        return False


def _pep440(text: str) -> str:
    """Poetry's notation (`^3.11`, `~3.11`, `3.11.*`) as specifiers."""

    def translate(part: str) -> str:
        numbers = part[1:].strip()
        if part.startswith("^"):
            return f">={numbers},<{int(numbers.split('.')[0]) + 1}"
        if part.startswith("~") and not part.startswith("~="):
            return f">={numbers},=={'.'.join(numbers.split('.')[:2])}.*"
        return f"=={part}" if part[:1].isdigit() else part

    parts = [part.strip() for part in text.split(",") if part.strip() not in {"", "*"}]
    try:
        return ",".join(map(translate, parts))
    except ValueError as error:
        raise InvalidSpecifier(text) from error


def _node(version: str, text: str) -> bool:
    text = LTS.get(text.removeprefix("lts/"), text)
    if text in NEWEST:
        return True
    if re.fullmatch(r"[v=]*\d+\.\d+\.\d+", text):
        return version.split(".")[0] == text.lstrip("v=").split(".")[0]
    try:
        return bool(nodesemver.satisfies(version, text, loose=True))
    except ValueError:
        return False
