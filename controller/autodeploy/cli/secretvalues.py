"""Values of secrets as the user gives them: at a prompt, on stdin or in a file, never in argv."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from pydantic import SecretStr

from autodeploy.errors import UsageError
from autodeploy.settings import problem, unfit
from autodeploy.settings.secrets import GIVEN

STDIN = "-"
SHORTEST_KEY = 16
"""Keys are random texts of so many characters at least."""


def asked(names: Iterable[str]) -> dict[str, SecretStr]:
    """A value for each, from a prompt that shows nothing; without a terminal one from stdin.

    Raises:
        UsageError: A name or a value cannot be had, or several are to come from stdin.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        _check_name(name)
    if sys.stdin.isatty():
        return {name: _fit(name, click.prompt(name, hide_input=True, err=True)) for name in wanted}
    if len(wanted) > 1:
        raise UsageError(
            "stdin has one value, and several were asked for",
            remediation="Give one NAME at a time, or all in a file: `autodeploy secrets import`.",
        )
    text = _text(sys.stdin.buffer.read(), "stdin")
    if not text:
        raise UsageError("stdin is empty", remediation="Look at what was to write the value there.")
    return {name: _fit(name, text.removesuffix("\n")) for name in wanted}


def imported(file: str) -> dict[str, SecretStr]:
    """What a file in dotenv's form says, or stdin where it is `-`; nothing in it is expanded.

    Raises:
        UsageError: It cannot be read, or something in it is no variable.
    """
    where = "stdin" if file == STDIN else file
    try:
        data = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{where} cannot be read", cause=error.strerror) from error
    found: dict[str, SecretStr] = {}
    for line, name, value in _bindings(_text(data, where)):
        if wrong := _wrong(name, value):
            # What stands there may well be a value without its name: it is not repeated.
            raise UsageError(
                f"{where}:{line}: is no variable with a value",
                cause=wrong,
                remediation="Mend that line, and import the file again: nothing of it was set.",
            )
        found[str(name)] = _fit(str(name), str(value), f"{where}:{line}: ")
    if not found:
        raise UsageError(f"{where} has no variable")
    return found


def _bindings(text: str) -> Iterator[tuple[int, str | None, str | None]]:
    """Line, name and value of each; no name where it cannot be read."""
    from dotenv.parser import parse_stream

    for one in parse_stream(io.StringIO(text)):
        if one.error or one.key:
            yield one.original.line, None if one.error else one.key, one.value


def _wrong(name: str | None, value: str | None) -> str | None:
    """Why this sets nothing, in words that repeat neither; None where it does."""
    if name is None:
        return "a quote is not closed, or more than one value follows the ="
    if value is None:
        return "it has no ="
    if name == GIVEN:
        return f"autodeploy gives {GIVEN} to each process itself"
    if problem(name) or _is_no_name(name, value):
        return "what stands before the = is no name: letters, digits and _, no digit first"
    return None


def _is_no_name(name: str, value: str) -> bool:
    """Whether it is rather a key in Base64, which ends in `=`, that has lost its name."""
    is_usual = "_" in name and name in {name.upper(), name.lower()}
    return not value.strip("=") and len(name) >= SHORTEST_KEY and not is_usual


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8") from None


def _check_name(name: str) -> None:
    if "=" in name:
        # What stands behind it is not repeated.
        raise UsageError(
            f"{name.partition('=')[0]} was given with its value",
            cause="everybody on this machine sees the words of a command, and shells keep them",
            remediation="Give the NAME alone: its value is asked for, or read from stdin. The "
            "value that was given is no secret any more: change it.",
        )
    if said := problem(name):
        raise UsageError(said)


def _fit(name: str, value: str, where: str = "") -> SecretStr:
    if said := unfit(value):
        raise UsageError(f"{where}{name} {said}")
    return SecretStr(value)
