"""What is read of logs, and how often: most of a command's time, where there are thousands."""

from __future__ import annotations

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import StateError
from autodeploy.journal import DirectoryStore, schema
from autodeploy.journal.events import LogLine, StatusChanged, StepEnded
from autodeploy.journal.log import FileLog

SHOP = ("shop", "production")
RUNNING = StatusChanged(status=DeploymentStatus.RUNNING)
REST = {"target": "lab", "region": None, "repository": None, "tool_version": "0"}


@pytest.fixture
def read(monkeypatch):
    """The names of the logs whose lines were made events."""
    names, events = [], schema.events

    def noted(where, lines, **more):
        names.append(where.rsplit("/", 2)[1])
        return events(where, lines, **more)

    monkeypatch.setattr(schema, "events", noted)
    return names


def test_only_a_log_that_has_changed_is_read_again(store, journal, read):
    other = store.create(operation="deploy", application="shop", environment="production", **REST)
    store.application(*SHOP)
    assert read == [journal.state.id, other.state.id]
    other.write(RUNNING)
    assert store.application(*SHOP).last.status is DeploymentStatus.RUNNING
    assert read[2:] == [other.state.id]


def test_whose_a_log_is_is_asked_once(store, journal, monkeypatch):
    firsts, first = [], FileLog.first
    monkeypatch.setattr(FileLog, "first", lambda log: firsts.append(log.id) or first(log))
    for _ in range(3):
        assert store.applications() == [SHOP]
        store.application(*SHOP)
    assert firsts == [journal.state.id]


def test_a_log_that_has_not_begun_is_asked_again(store, journal):
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-9])
    assert store.application(*SHOP) is None
    journal.path.write_bytes(whole)
    assert store.application(*SHOP).last == journal.state


def test_talk_decides_nothing_and_is_not_read_for_a_state(store, journal):
    journal.write(LogLine(agent="recon", level="info", message='","kind":"status",'))
    journal.write(StepEnded(agent="recon", step="s", seconds=1, outcome="ok"))
    journal.write(RUNNING)
    kinds = [one.kind for one in store.history(journal.state.id)]
    assert kinds == ["created", "log", "step", "status"]
    lines = store.log(journal.state.id).lines()
    assert [one.kind for one in schema.events("x", lines, talk=False)] == ["created", "status"]
    assert store.states(*SHOP) == [journal.state] == [store.state(journal.state.id)]


def test_one_application_that_cannot_be_read_hides_no_other(store, journal):
    store.create(operation="deploy", application="blog", environment="production", **REST)
    with journal.path.open("a") as log:
        log.write("nonsense\n")
    found = DirectoryStore(store.root).every()
    assert list(found) == [("blog", "production"), SHOP]
    assert found["blog", "production"] == store.application("blog", "production")
    assert isinstance(found[SHOP], StateError)
