"""The secrets that an application cannot do without, and what a variable may be called."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from autodeploy.settings.number import Number

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
GIVEN = "PORT"
"""What autodeploy itself tells each process."""


LOADERS = frozenset({"PATH", "HOME", "IFS", "ENV", "BASH_ENV"})
"""What says where programs, the shell and what they load are from; beside the linker's own."""


class DeclaredSecret(BaseModel):
    """One secret. Without anything said of it, somebody has to set it before a deployment.

    Attributes:
        generate: The number of characters, URL-safe, that it is made of where nobody has set it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    generate: Number | None = Field(default=None, ge=16, le=512, examples=["32"])


def problem(name: str) -> str | None:
    """Why a secret cannot be called so, for people; None where it can."""
    if not VARIABLE.fullmatch(name):
        return f"{name!r} is no name of a variable: letters, digits and _, no digit first"
    return f"autodeploy gives {GIVEN} to each process itself" if name == GIVEN else None


def doubtful(names: Iterable[str]) -> list[str]:
    """What is to be said of variables that change more than the application, for people."""
    found = sorted(name for name in names if name in LOADERS or name.startswith("LD_"))
    return [
        f"{name} takes the place of what autodeploy sets, or steers every program that is started"
        for name in found
    ]


def unfit(value: str) -> str | None:
    """Why no process can have a value, without it; None where one can."""
    if "\0" in value:
        return "holds a NUL, which no variable can"
    if any(_is_none(ord(one)) for one in value):
        return "holds a code point that is no character, such as U+FFFE"
    return None


def _is_none(point: int) -> bool:
    """Whether systemd would leave out the whole file for it; surrogates are no text at all."""
    return point % 0x10000 >= 0xFFFE or 0xFDD0 <= point < 0xFDF0 or 0xD800 <= point < 0xE000
