"""Secrets taken out of what hosts say: an application may well print its DATABASE_URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

HIDDEN = "***"
SHORTEST = 4
"""A text is taken out where it has so many characters: less is in everything that is said."""
# `scheme://user:PASSWORD@host` and go-sql-driver's `user:PASSWORD@tcp(host)`.
PASSWORD = re.compile(r"(?:^(?![\w+.-]+://)|://)[^:/@]*:(.{8,})@[^@]*\Z", re.DOTALL)

Redact = Callable[[Any], Any]


class Redactor:
    """Gives a JSON value back without any text of the secrets that it was told of.

    Names in it stay: they are Ansible's and our modules', and a secret may well be `changed`.
    """

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def hide(self, secrets: Mapping[str, Any]) -> None:
        """Take these out from now on, as well as those before."""
        self._texts |= {text for text in _texts(dict(secrets)) if len(text) >= SHORTEST}
        longest_first = sorted(self._texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if self._texts else None

    def __call__(self, value: Any) -> Any:
        """The value without them."""
        return _redacted(value, self._pattern) if self._pattern else value


def _redacted(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {key: _redacted(one, pattern) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(one, pattern) for one in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every text, and what of it may be shown alone: a line, the password in an address."""
    if isinstance(value, str):
        yield value
        yield from value.splitlines()
        for password in PASSWORD.findall(value):
            yield from (password, unquote(password))
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
