"""Secrets taken out of what hosts say: an application may well print its DATABASE_URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

HIDDEN = "***"
# `scheme://user:PASSWORD@host` and go-sql-driver's `user:PASSWORD@tcp(host)`.
PASSWORD = re.compile(r"(?:^(?![\w+.-]+://)|://)[^:/@]*:(.{8,})@[^@]*\Z", re.DOTALL)

Redact = Callable[[Any], Any]


def redactor(secrets: Mapping[str, Any]) -> Redact:
    """A function that gives a JSON value back without any of the secrets' texts in it."""
    texts = sorted({text for text in _texts(dict(secrets)) if text}, key=len, reverse=True)
    if not texts:
        return lambda value: value
    pattern = re.compile("|".join(map(re.escape, texts)))
    return lambda value: _redacted(value, pattern)


def _redacted(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {_redacted(key, pattern): _redacted(one, pattern) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(one, pattern) for one in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every text, and the password in each that is an address: it may be shown alone too."""
    if isinstance(value, str):
        yield value
        for password in PASSWORD.findall(value):
            yield from (password, unquote(password))
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
