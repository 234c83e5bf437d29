"""What a failed build command most likely means, told from its exit code and its last lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autodeploy.compiler.signs import MISSING, OTHER_NAMES, SIGNS
from autodeploy.compiler.system_packages import COMPILER, FOR_MISSING, FOR_PYTHON, PYTHON_HEADERS

KILLED = 137
BEING_BUILT = r"Failed to build `(?P<name>[\w.-]+)=="


@dataclass(frozen=True)
class Diagnosis:
    """A guess, told as one.

    Attributes:
        cause: Why the command failed, likely.
        remedy: What to do.
    """

    cause: str
    remedy: str


LATE = Diagnosis(
    "it ran longer than `build_timeout`",
    "Raise `build_timeout` (seconds) in autodeploy.yml, or build less.",
)
MEMORY = Diagnosis(
    "the memory was not enough: the kernel, or the program itself, ended it",
    "Build on a machine with more memory, or let the build need less; a Node build that stops at "
    "its own limit takes `env: {NODE_OPTIONS: --max-old-space-size=4096}` in autodeploy.yml.",
)


def diagnose(returncode: int | None, output: str) -> Diagnosis | None:
    """The likely cause of a failure; None where nothing is known of it.

    Args:
        returncode: As shells tell it; None where the time was over.
        output: The end of the command's output.
    """
    if returncode is None:
        return LATE
    if returncode == KILLED or re.search(
        r"heap out of memory|Cannot allocate memory|ENOMEM", output
    ):
        return MEMORY
    return _missing(output) or _sign(output)


def _missing(output: str) -> Diagnosis | None:
    for pattern in MISSING:
        for found in re.finditer(pattern, output):
            thing = OTHER_NAMES.get(found["thing"], found["thing"])
            packages = _packages(thing)
            if packages:
                wanted = sorted({*packages, *_of_the_package(output)})
                return Diagnosis(
                    f"{found['thing']} is missing: a package is built here that needs it",
                    f"Run `apt-get install {' '.join(wanted)}` on this machine, or use a version "
                    "of the package that comes built.",
                )
    return None


def _of_the_package(output: str) -> tuple[str, ...]:
    """All that the package which failed needs, so that the next try does not miss another thing."""
    found = re.search(BEING_BUILT, output)
    known = FOR_PYTHON.get(found["name"].lower()) if found else None
    return (*COMPILER, *PYTHON_HEADERS, *known.build) if known else ()


def _packages(thing: str) -> tuple[str, ...]:
    if re.search(r"-linux-gnu-g(?:cc|\+\+)$", thing):
        return COMPILER
    return FOR_MISSING.get(thing, ())


def _sign(output: str) -> Diagnosis | None:
    for sign in SIGNS:
        found = re.search(sign.pattern, output)
        if found:
            return Diagnosis(sign.cause.format(**found.groupdict()), sign.remedy)
    return None
