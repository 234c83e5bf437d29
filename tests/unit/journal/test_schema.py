"""Older logs are read as today's; newer ones are refused, with the version that wrote them."""

from __future__ import annotations

import json

import pytest

from autodeploy.contracts import CommandLine, DeploymentStatus, SecurityConfig
from autodeploy.errors import StateError, StateTooNew
from autodeploy.journal import schema
from autodeploy.journal.events import (
    SCHEMA,
    CommandGiven,
    Created,
    LogLine,
    Migrated,
    ReleaseActivated,
    SecurityReviewed,
    StatusChanged,
)
from statekit import running

RUNNING = StatusChanged(status=DeploymentStatus.RUNNING)


def as_first_form(journal):
    """The log as the first version of autodeploy wrote it: releases had no fingerprint."""
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    for line in lines:
        if line["kind"] == "created":
            line["schema_version"] = 1
        if line["kind"] == "release_activated":
            del line["deployment"]["fingerprint"]
    write(journal, lines)


def write(journal, lines):
    journal.path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_log_of_the_first_form_is_read(store, journal):
    journal.write(RUNNING)
    journal.write(ReleaseActivated(deployment=running("r1")))
    as_first_form(journal)
    assert store.state(journal.state.id).deployment == running("r1").model_copy(
        update={"fingerprint": ""}
    )


def test_a_newer_version_that_goes_on_with_a_log_says_so(store, journal):
    journal.write(RUNNING)
    as_first_form(journal)
    again = store.open(journal.state.id)
    again.write(ReleaseActivated(deployment=running("r1")))
    history = store.history(journal.state.id)
    assert [one.kind for one in history] == ["created", "status", "migrated", "release_activated"]
    assert schema.form_of(history) == SCHEMA
    assert store.state(journal.state.id).deployment == running("r1")
    assert len(store.open(journal.state.id).state.stages) == 0  # Nothing more is said of the form.
    assert len(store.history(journal.state.id)) == 4


def test_who_only_opens_a_log_leaves_its_form(store, journal):
    journal.write(RUNNING)
    as_first_form(journal)
    before = journal.path.read_bytes()
    again = store.open(journal.state.id)
    with again.unkept():
        again.write(LogLine(agent="deployer", level="info", message="a look"))
    assert journal.path.read_bytes() == before


def test_the_second_form_tells_the_command_in_a_line_of_its_own(store, journal):
    journal.write(CommandGiven(command=CommandLine(ref="v1")))
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    lines[0]["schema_version"] = 2
    del lines[0]["command"], lines[1]["command"]["on_failure"]
    write(journal, lines)
    said = store.state(journal.state.id).command
    assert (said.ref, said.on_failure) == ("v1", "keep")


def test_each_line_is_brought_from_its_own_form_to_todays(store, journal, monkeypatch):
    def louder(event):
        return {**event, "message": event["message"] + "!"} if "message" in event else event

    for _ in range(2):
        journal.write(LogLine(agent="recon", level="info", message="hello"))
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    lines[0]["schema_version"] = 1
    lines.insert(2, {**lines[1], "kind": "migrated", "schema_version": 2, "tool_version": "9"})
    for key in ("agent", "level", "message"):
        del lines[2][key]
    write(journal, lines)
    monkeypatch.setattr(schema.e, "SCHEMA", 3)
    monkeypatch.setattr(schema, "MIGRATIONS", {1: louder, 2: louder})
    said = [one.message for one in store.history(journal.state.id) if isinstance(one, LogLine)]
    assert said == ["hello!!", "hello!"]


def test_what_older_forms_told_of_security_is_one_report(store, journal):
    journal.write(SecurityReviewed(security=SecurityConfig(hardened=True, fingerprint="f")))
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    lines[0]["schema_version"] = 4
    finding = {"id": "a", "severity": "low", "resource": "sg-1", "message": "wide"}
    told = {
        "verified": ["host-1: shut"],
        "findings": [finding],
        "not_verified": [],
        "open_ports": [80],
    }
    lines[1]["security"] = {"hardened": True, "fingerprint": "f", **told}
    write(journal, lines)
    security = store.state(journal.state.id).security
    assert (security.verified, security.fingerprint) == (("firewall: host-1: shut",), "f")
    assert [one.resource for one in security.findings] == ["sg-1"]


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_newer_log_is_refused_with_the_version_that_wrote_it(store, journal, goes_on):
    journal.write(RUNNING)
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    newer = {"schema_version": SCHEMA + 1, "tool_version": "7.0", "something": "new"}
    if goes_on:
        lines[1] = {**newer, "kind": "migrated"}
    else:
        lines[0] |= newer
    write(journal, lines)
    for read in (store.state, store.open):
        with pytest.raises(
            StateTooNew, match=rf"autodeploy 7\.0 has written .*form is {SCHEMA + 1}"
        ):
            read(journal.state.id)
    with pytest.raises(StateTooNew):
        store.application("shop", "production")
    assert store.applications() == [("shop", "production")]


def test_a_form_that_is_no_number_is_no_event(store, journal):
    line = json.loads(journal.path.read_text())
    write(journal, [{**line, "schema_version": "new"}])
    with pytest.raises(StateError, match="line 1"):
        store.state(journal.state.id)


def test_todays_form_can_be_reached_from_every_older_one():
    assert set(schema.MIGRATIONS) == set(range(1, SCHEMA))
    assert Created.model_fields["schema_version"].default == SCHEMA
    assert Migrated.model_fields["schema_version"].default == SCHEMA
