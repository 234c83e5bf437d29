"""Instance metadata: the tree that a host may read, and the tokens that it needs. Pure."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address
from typing import Any

from autodeploy.contracts import Contract

MAX_TTL = 21600

Tree = Mapping[str, "str | bytes | Tree"]


class Facts(Contract):
    """What one instance may know.

    Attributes:
        meta_data: The tree below `/latest/meta-data`; a folder is a mapping.
        user_data: As it was given; None where there is none.
        document: The instance identity document.
        tokens_required: Whether requests without a token are refused.
        enabled: Whether anything is answered.
        hop_limit: How far a token travels, in hops.
    """

    meta_data: dict[str, Any]
    user_data: bytes | None
    document: dict[str, Any]
    tokens_required: bool
    enabled: bool
    hop_limit: int


@dataclass(frozen=True)
class Answer:
    """What a request gets."""

    status: HTTPStatus
    body: bytes = b""


def look_up(facts: Facts, path: str) -> Answer:
    """The metadata at a path, as AWS lists and answers it."""
    tree: Tree = {"latest": _latest(facts), "2021-07-15": _latest(facts)}
    found: str | bytes | Tree = tree
    words = [word for word in path.split("?")[0].split("/") if word]
    for word in words:
        if not isinstance(found, Mapping) or word not in found:
            return Answer(HTTPStatus.NOT_FOUND)
        found = found[word]
    if isinstance(found, Mapping):
        return Answer(HTTPStatus.OK, _listing(words, found).encode())
    return Answer(HTTPStatus.OK, found if isinstance(found, bytes) else found.encode())


def _latest(facts: Facts) -> Tree:
    latest: dict[str, str | bytes | Tree] = {
        "dynamic": {"instance-identity": {"document": json.dumps(facts.document, indent=2)}},
        "meta-data": facts.meta_data,
    }
    return {**latest, "user-data": facts.user_data} if facts.user_data is not None else latest


def _listing(words: list[str], folder: Tree) -> str:
    """Names, folders with a slash; keys with their own names, as AWS has it."""
    if words[-1:] == ["public-keys"]:
        return "\n".join(f"{index}={key['name']}" for index, key in _keys(folder))
    hidden = {"name"} if words[-2:-1] == ["public-keys"] else set()
    return "\n".join(
        f"{name}/" if isinstance(value, Mapping) else name
        for name, value in sorted(folder.items())
        if name not in hidden
    )


def _keys(folder: Tree) -> list[tuple[str, Mapping[str, Any]]]:
    return [(index, key) for index, key in folder.items() if isinstance(key, Mapping)]


class Tokens:
    """The tokens that have been given out, each to one address for a time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tokens: dict[str, tuple[IPv4Address, float]] = {}

    def issue(self, address: IPv4Address, ttl: int) -> str:
        """A new token for `ttl` seconds."""
        now = self._now()
        self._tokens = {token: one for token, one in self._tokens.items() if one[1] > now}
        token = secrets.token_urlsafe(40)
        self._tokens[token] = (address, now + ttl)
        return token

    def seconds_left(self, token: str, address: IPv4Address) -> int | None:
        """How long a token is still good; None where it is not this host's or has expired."""
        owner, expires = self._tokens.get(token, (None, 0.0))
        left = expires - self._now()
        return int(left) if owner == address and left > 0 else None


def ttl_of(text: str) -> int | None:
    """The lifetime that a request for a token asks for; None where AWS answers 400."""
    return int(text) if text.isdecimal() and 1 <= int(text) <= MAX_TTL else None
