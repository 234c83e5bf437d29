"""Plans that wait for a human: kept in our home, approved in a terminal, carried out once."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from autodeploy import paths, privatefile
from autodeploy.contracts import SavedPlan
from autodeploy.contracts.base import Contract
from autodeploy.errors import UsageError

LASTS = timedelta(hours=1)
IDENTIFIER = re.compile(r"[0-9a-f]{32}")
ANEW = "Make a plan anew with the tool `plan` or `plan_rollback`."


class RollbackPlan(Contract):
    """What a rollback would undo, as far as it can differ."""

    application: str
    environment: str
    undoes: str
    leads_to: str | None = None
    removes: tuple[str, ...] = ()
    secrets_back: tuple[str, ...] = ()
    last: str


class Waiting(Contract):
    """A plan as it is kept. Its id is the digest of its text, so that it cannot be another one."""

    kind: Literal["deploy", "rollback"]
    made_at: datetime
    repository: str = ""
    ref: str | None = None
    path: str | None = None
    flags: dict[str, Any] = Field(default_factory=dict)
    plan: SavedPlan | None = None
    rollback: RollbackPlan | None = None


def folder() -> Path:
    """Where they are kept, nobody else's to read."""
    return paths.private_folder(paths.home() / "approvals")


def keep(waiting: Waiting) -> str:
    """Keep a plan and give its id."""
    text = waiting.model_dump_json().encode()
    identifier = hashlib.sha256(text).hexdigest()[:32]
    privatefile.write(folder() / identifier, text)
    return identifier


def read(identifier: str) -> Waiting:
    """The plan of this id.

    Raises:
        UsageError: There is none, or it is too old, was used, or is not what it was.
    """
    if not IDENTIFIER.fullmatch(identifier):
        raise UsageError("that is no plan's id", remediation=ANEW)
    try:
        text = (folder() / identifier).read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"no plan {identifier} waits: there was none, or it was used", remediation=ANEW
        ) from None
    if hashlib.sha256(text).hexdigest()[:32] != identifier:
        raise UsageError(f"the plan {identifier} is not what it was", remediation=ANEW)
    try:
        waiting = Waiting.model_validate_json(text)
    except ValidationError:
        raise UsageError(f"another version made the plan {identifier}", remediation=ANEW) from None
    if datetime.now(UTC) - waiting.made_at > LASTS:
        raise UsageError(f"the plan {identifier} is older than an hour", remediation=ANEW)
    return waiting


def approve(identifier: str) -> None:
    """Allow it; only what a human does in a terminal leads here."""
    read(identifier)
    privatefile.write(_approval(identifier), b"")


def approved(identifier: str, kind: Literal["deploy", "rollback"]) -> Waiting:
    """The plan, if a human has approved it.

    Raises:
        UsageError: Nobody has, it is of another kind, or as `read`.
    """
    waiting = read(identifier)
    if waiting.kind != kind:
        raise UsageError(f"the plan {identifier} is one to {waiting.kind}, not to {kind}")
    if not _approval(identifier).exists():
        raise UsageError(
            f"no human has approved the plan {identifier}",
            remediation=f"Ask the user to run `autodeploy mcp approve {identifier}` in a terminal "
            "of this machine; no tool can.",
        )
    return waiting


def use(identifier: str) -> None:
    """Take the approval away, for what it allows begins now.

    Raises:
        UsageError: Another has, since it was looked at.
    """
    try:
        _approval(identifier).unlink()  # Of two who try at once, one succeeds.
    except FileNotFoundError:
        raise UsageError(f"the plan {identifier} was used", remediation=ANEW) from None
    with suppress(FileNotFoundError):
        (folder() / identifier).unlink()


def _approval(identifier: str) -> Path:
    return folder() / f"{identifier}.approved"
