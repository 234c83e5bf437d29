"""The syntax of systemd's EnvironmentFile: texts only, nothing is read or written here."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Where one of these code points is, that are no characters, systemd leaves the whole file out.
PLANES = range(0, 0x110000, 0x10000)
NONE = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(n | 0xFFFE) + chr(n | 0xFFFF) for n in PLANES) + "]"
)
LONGEST = 128 * 1024 - 1


def quote(value):
    """A value in double quotes; systemd takes the backslash from just these four."""
    return '"' + re.sub(r'([\\"`$])', r"\\\1", value) + '"'


def render(variables):
    """The file's text, names in order."""
    return "".join(f"{name}={quote(value)}\n" for name, value in sorted(variables.items()))


def parse(text):
    """Value by name, of a text that `render` made."""
    found = re.findall(r'^(\w+)="((?:\\.|[^"\\])*)"\n', text, re.DOTALL | re.MULTILINE)
    return {name: re.sub(r'\\([\\"`$])', r"\1", value) for name, value in found}


def complete(secrets, present):
    """The secrets, those without a value with the one that is present."""
    return {name: present.get(name) if value is None else value for name, value in secrets.items()}


def problem(name, value):
    """Why a variable cannot be given to a process, without its value; None where it can."""
    if not NAME.fullmatch(name):
        return f"{name!r} is no name of a variable: letters, digits and _, no digit first"
    if value is None:
        return f"{name} has no value, neither here nor in the release's file"
    if not isinstance(value, str):
        return f"{name} is a {type(value).__name__}, not text: quote it"
    if "\0" in value:
        return f"{name} holds a NUL, which no variable can"
    if NONE.search(value):
        return f"{name} holds a code point that is no character, such as U+FFFE; remove it"
    try:
        size = len(f"{name}={value}".encode())
    except UnicodeEncodeError:
        return f"{name} is no Unicode text"
    return f"{name} is longer than {LONGEST} bytes" if size > LONGEST else None
