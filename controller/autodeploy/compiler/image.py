"""Whether a version is what a repository asks for, and which image has such a one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from autodeploy.contracts import IMAGES, TechStack
from autodeploy.settings import Settings

LTS = {
    "argon": "4",
    "boron": "6",
    "carbon": "8",
    "dubnium": "10",
    "erbium": "12",
    "fermium": "14",
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}
LONGEST = 256  # Repositories are hostile, and some of this is quadratic.
NEWEST = frozenset({"", "*", "node", "latest", "current", "stable", "lts", "lts/*"})
PINS = {
    "python": re.compile(r"(c?python)?[-@ =]*(\d+\.\d+\.\d+)"),
    "node": re.compile(r"()[v=]*(\d+\.\d+\.\d+)"),
}


def fitting_image(stack: TechStack, settings: Settings) -> str:
    """The image for the hosts: the settings', but where nobody said one and only another fits.

    Hosts that exist are what they are.
    """
    declared = stack.runtime_version.declared
    if "image" in settings.model_fields_set or settings.target == "ssh" or declared is None:
        return settings.image
    fitting = images_with(stack.language, declared)
    return settings.image if settings.image in fitting else (*fitting, settings.image)[0]


def images_with(language: str | None, declared: str) -> list[str]:
    """The images whose own runtime is what is asked for, the oldest first."""
    versions = {name: image.version(language) for name, image in IMAGES.items()}
    return [name for name, one in versions.items() if one and satisfies(language, one, declared)]


def newest(language: str, declared: str, line: str | None, versions: Iterable[str]) -> str | None:
    """The best of `versions`: the very one where it is named, else the newest that satisfies.

    Args:
        language: python or node.
        declared: What is asked for.
        line: Recon's line, which is preferred: it knows of more than one constraint.
        versions: What there is.
    """
    fitting = [one for one in versions if satisfies(language, one, declared)]
    pin = PINS[language].fullmatch(declared.strip().lower())
    if pin and pin[2] in fitting:
        return pin[2]
    preferred = [one for one in fitting if line and f"{one}.".startswith(f"{line}.")]
    return max(preferred or fitting, key=_numbers, default=None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def satisfies(language: str | None, version: str, declared: str) -> bool:
    """Whether `version` is what `declared` asks for, in the ecosystem's own notation.

    An exact pin is met by its line (Python: minor, Node: major): distributions move the patch.
    """
    text = declared.strip().lower()
    if len(text) > LONGEST:
        return False
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
    import nodesemver  # Other languages need none of it.

    try:
        return bool(nodesemver.satisfies(version, text, loose=True))
    except ValueError:
        return False
