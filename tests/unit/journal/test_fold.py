"""The fold and the log's own guarantees."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import NotDeployed, StateError, TransitionRefused
from autodeploy.journal import fold
from autodeploy.journal.events import (
    LogLine,
    ResourceDone,
    ResourceIntended,
    StageEnded,
    StageStarted,
    StatusChanged,
)
from statekit import created


def begin(store, name="shop"):
    return created(store, application=name)


def test_a_new_log_is_pending_and_on_disk(store, journal):
    assert store.state(journal.state.id).status is DeploymentStatus.PENDING
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_an_undrawn_transition_is_refused_and_not_written(journal):
    before = journal.path.read_bytes()
    with pytest.raises(TransitionRefused):
        journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))
    assert journal.path.read_bytes() == before


def test_an_intent_stays_until_it_is_done(journal):
    journal.write(ResourceIntended(action="create", key="vpc", type="AWS::EC2::VPC"))
    assert journal.state.intended == ("vpc",)
    journal.write(ResourceDone(action="create", key="vpc", type="AWS::EC2::VPC", id="vpc-1"))
    assert journal.state.intended == ()
    assert [one.id for one in journal.state.resources] == ["vpc-1"]
    journal.write(ResourceDone(action="delete", key="vpc", type="AWS::EC2::VPC", id="vpc-1"))
    assert journal.state.resources == ()


def test_stages_have_their_times(journal):
    journal.write(StageStarted(agent="recon"))
    assert journal.state.stages[0].completed_at is None
    state = journal.write(StageEnded(agent="recon", ok=True))
    assert state.stages[0].completed_at >= state.stages[0].started_at


def test_the_last_line_cut_off_at_any_byte_leaves_a_readable_state(store, journal):
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    whole = journal.path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        journal.path.write_bytes(whole[:cut])
        assert store.state(journal.state.id).status is DeploymentStatus.PENDING


def test_a_broken_line_in_the_middle_is_named(store, journal):
    journal.write(LogLine(agent="recon", level="info", message="hello"))
    lines = journal.path.read_bytes().split(b"\n")
    journal.path.write_bytes(b"\n".join([lines[0], b'{"kind": "unheard"}', *lines[1:]]))
    with pytest.raises(StateError, match="line 2"):
        store.state(journal.state.id)


def test_the_fold_of_the_file_is_the_state_in_memory(store, journal):
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED, changed=False))
    assert fold(store.history(journal.state.id)) == journal.state
    assert journal.state.changed is False
    assert journal.state.completed_at is not None


def test_runs_are_listed_by_application_oldest_first(store):
    ids = [begin(store).state.id for _ in range(3)]
    begin(store, "other")
    assert [state.id for state in store.states("shop", "production")] == ids
    assert store.applications() == [("other", "production"), ("shop", "production")]


@pytest.mark.parametrize("identifier", ["", "..", "../x", "nothing"])
def test_an_unknown_id_is_not_deployed(store, identifier):
    with pytest.raises(NotDeployed):
        store.history(identifier)


def test_a_clock_that_jumps_back_leaves_the_runs_in_order(store, monkeypatch):
    before = begin(store).state.id

    class Behind(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(hours=2)

    monkeypatch.setattr("autodeploy.journal.store.datetime", Behind)
    later = [begin(store).state.id for _ in range(3)]
    assert [before, *later] == sorted([before, *later])
    assert store.application("shop", "production").last.id == later[-1]


def test_a_log_that_was_cut_off_goes_on_from_its_last_whole_line(store, journal):
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    whole = journal.path.read_bytes()
    for length in range(len(whole.splitlines()[-1]) + 1):
        journal.path.write_bytes(whole + whole.splitlines()[-1][:length])
        store.open(journal.state.id).write(StageStarted(agent="recon"))
        assert len(store.history(journal.state.id)) == 3
