"""The lines of a log → events, whichever version of autodeploy has written them. Pure.

A log says its form in `created`; where a newer version has gone on with it, `migrated` says from
where on another form holds. Lines are never written anew: what is older is changed on reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from autodeploy.errors import StateError, StateTooNew
from autodeploy.journal import events as e

Raw = dict[str, Any]
TALK = re.compile(rb'\{"seq":\d+,"time":"[^"]+","kind":"(log|step)",')
"""How a line begins that no state depends on, as all versions have written it."""


def _with_fingerprints(event: Raw) -> Raw:
    """Releases of the first form have no fingerprint: none of today's is the same."""
    if event.get("kind") == "release_activated":
        event["deployment"].setdefault("fingerprint", "")
    return event


def _as_it_is(event: Raw) -> Raw:
    """What the next form has more of is optional, or of a kind of its own."""
    return event


def _with_reports(event: Raw) -> Raw:
    """Forms before the sixth tell no topics: what the Sheriff has seen is one report."""
    if event.get("kind") == "security_reviewed":
        security = event["security"]
        ports = {"open_ports": security.pop("open_ports", [])}
        told = {one: security.pop(one, []) for one in ("verified", "findings", "not_verified")}
        security["reports"] = [{"topic": "firewall", **told, "details": ports}]
    return event


MIGRATIONS: dict[int, Callable[[Raw], Raw]] = {
    1: _with_fingerprints,
    2: _as_it_is,
    3: _as_it_is,
    4: _as_it_is,
    5: _with_reports,
    6: _as_it_is,
}
"""What makes an event of a form (the number) one of the next."""


class Head(NamedTuple):
    """Whose a log is, as far as any version can tell."""

    application: str
    environment: str


def head(line: bytes) -> Head | None:
    """What a log's first line says; None where that is not whole: then nothing was done yet."""
    raw = _raw(line)
    if raw is None or not {"application", "environment"} <= raw.keys():
        return None
    return Head(str(raw["application"]), str(raw["environment"]))


def events(where: str, lines: Sequence[bytes], *, talk: bool = True) -> list[e.AnyEvent]:
    """All events of a log.

    Args:
        where: The log's name, for people.
        lines: Its lines, without their ends.
        talk: Whether what only people read is wanted too: most lines, and no state.

    Raises:
        StateTooNew: A newer version has written some of it.
        StateError: A line is no event.
    """
    found: list[e.AnyEvent] = []
    form = e.SCHEMA
    for number, line in enumerate(lines, 1):
        if not talk and TALK.match(line):
            continue
        if number == 1 or b'"migrated"' in line:
            form = _form(where, line, form)
        found.append(_event(where, number, line, form))
    return found


def form_of(history: Sequence[e.AnyEvent]) -> int:
    """The form of what was last written to a log."""
    said = [one.schema_version for one in history if isinstance(one, e.Created | e.Migrated)]
    return said[-1] if said else e.SCHEMA


def _form(where: str, line: bytes, before: int) -> int:
    """The form of a line that may tell, and of all after it."""
    raw = _raw(line) or {}
    if raw.get("kind") not in {"created", "migrated"}:
        return before
    form = raw.get("schema_version", 1)
    if not isinstance(form, int):
        return before  # It is no event, and will be told to be none.
    if form > e.SCHEMA:
        raise StateTooNew(
            f"autodeploy {raw.get('tool_version')} has written {where}",
            cause=f"its form is {form}, and this version knows those up to {e.SCHEMA}",
            step="journal",
        )
    return form


def _event(where: str, number: int, line: bytes, form: int) -> e.AnyEvent:
    try:
        if form == e.SCHEMA:
            return e.adapter.validate_json(line)
        raw = json.loads(line)
        for one in range(form, e.SCHEMA):
            raw = MIGRATIONS[one](raw)
        # As JSON: strictness and types are the same as for what needs no migration.
        return e.adapter.validate_json(json.dumps(raw))
    except (ValueError, KeyError, TypeError) as error:
        told = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise StateError(
            f"line {number} of {where} is no event",
            cause=told,
            step="journal",
            remediation="Use the version of autodeploy that wrote it, or take it from a backup.",
        ) from error


def _raw(line: bytes) -> Raw | None:
    try:
        raw = json.loads(line)
    except ValueError:
        return None
    return raw if isinstance(raw, dict) else None
