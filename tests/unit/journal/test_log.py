"""A log survives what a crash, a full disk or a folder that nobody may write does to it."""

from __future__ import annotations

import errno
import os
import resource
import signal
from contextlib import contextmanager

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import NotDeployed, StateError
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import LogLine, StatusChanged, StepEnded, StepStarted

RUNNING = StatusChanged(status=DeploymentStatus.RUNNING)
FAILED = StatusChanged(status=DeploymentStatus.FAILED)


@contextmanager
def full_disk(size):
    """A disk on which a file has so many bytes: a write that would be longer is cut short."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_writing_goes_on_after_a_last_line_that_was_cut_off_at_any_byte(store, journal):
    start = len(journal.path.read_bytes())
    journal.write(RUNNING)
    whole = journal.path.read_bytes()
    for cut in range(start, len(whole)):
        journal.path.write_bytes(whole[:cut])
        again = DirectoryStore(store.root).open(journal.state.id)
        assert again.state.status is DeploymentStatus.PENDING
        again.write(RUNNING)
        again.write(FAILED)
        assert [one.seq for one in store.history(journal.state.id)] == [1, 2, 3]
        assert store.state(journal.state.id) == again.state


def test_a_run_that_was_cut_off_in_its_first_line_had_not_begun(store, journal):
    whole = journal.path.read_bytes()
    for cut in range(len(whole)):
        journal.path.write_bytes(whole[:cut])
        assert store.states("shop", "production") == []
        assert store.applications() == []


def test_a_long_rest_of_a_line_is_cut_off_too(store, journal):
    before = journal.path.read_bytes()
    journal.path.write_bytes(before + b"x" * 200_000)
    store.open(journal.state.id).write(RUNNING)
    assert len(store.history(journal.state.id)) == 2


def test_that_a_step_begins_is_heard_and_no_log_has_it(store, journal):
    journal._listener = (heard := []).append
    with journal.agent("provisioner").step("delete", "host-1"):
        assert heard == [StepStarted(agent="provisioner", step="delete", host="host-1")]
    assert isinstance(heard[-1], StepEnded)
    assert store.history(journal.state.id)[1:] == heard[1:]


def test_a_full_disk_is_told_with_place_and_cause_and_leaves_whole_lines(store, journal):
    before = journal.path.read_bytes()
    with full_disk(len(before) + 40), pytest.raises(StateError) as told:
        journal.write(RUNNING)
    assert str(journal.path) in told.value.message
    assert os.strerror(errno.EFBIG) in told.value.cause
    assert journal.path.read_bytes() == before
    assert journal.write(RUNNING).status is DeploymentStatus.RUNNING
    assert store.state(journal.state.id) == journal.state


def test_a_folder_that_cannot_be_written_is_told_with_its_path(tmp_path, monkeypatch):
    def refuse(path, *_rest):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    store = DirectoryStore(tmp_path)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StateError, match=r"lease.*Read-only file system"):
        store.lease("shop", "production", "deploy").take()


def test_a_read_only_log_still_tells_its_state(store, journal, monkeypatch):
    monkeypatch.setattr(os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(StateError, match=r"events\.jsonl"):
        journal.write(LogLine(agent="recon", level="info", message="hello"))
    assert store.state(journal.state.id).status is DeploymentStatus.PENDING


def test_a_log_that_is_gone_is_no_deployment(store, journal):
    journal.path.unlink()
    with pytest.raises(NotDeployed):
        store.open(journal.state.id)
