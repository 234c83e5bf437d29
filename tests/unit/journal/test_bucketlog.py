"""Logs in a bucket: nothing is written twice, nothing is lost, every machine reads the same."""

from __future__ import annotations

import threading

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import CloudError, LeaseLost, NotDeployed, StateError
from autodeploy.journal.events import LogLine, ResourceIntended, StatusChanged
from statekit import REST, SAID

RUNNING = StatusChanged(status=DeploymentStatus.RUNNING)
FAILED = StatusChanged(status=DeploymentStatus.FAILED)
HELLO = LogLine(agent="recon", level="info", message="hello")
INTENT = ResourceIntended(action="create", key="vpc", type="AWS::EC2::VPC")


@pytest.fixture
def mine(s3, tmp_path):
    return s3.store(tmp_path / "mine")


@pytest.fixture
def theirs(s3, tmp_path):
    return s3.store(tmp_path / "theirs")


def events(s3, journal):
    prefix = f"deployments/{journal.state.id}/events/"
    return [key.removeprefix(prefix) for key in s3.there() if key.startswith(prefix)]


def test_another_machine_reads_what_one_has_written(mine, theirs):
    journal = mine.create(**SAID, **REST)
    journal.write(RUNNING)
    assert theirs.state(journal.state.id) == journal.state
    journal.write(HELLO)
    journal.write(FAILED)
    assert theirs.state(journal.state.id) == mine.state(journal.state.id) == journal.state
    assert theirs.applications() == [("shop", "production")]
    assert theirs.application("shop", "production").last == journal.state
    assert theirs.ids() == [journal.state.id]
    again = theirs.open(journal.state.id)
    again.write(RUNNING)
    assert mine.state(journal.state.id) == again.state


def test_what_counts_is_there_at_once_and_talk_comes_with_it(s3, mine):
    journal = mine.create(**SAID, **REST)
    assert events(s3, journal) == ["00000001.jsonl"]
    journal.write(HELLO)
    journal.write(HELLO)
    assert events(s3, journal) == ["00000001.jsonl"]
    journal.write(INTENT)
    assert events(s3, journal) == ["00000001.jsonl", "00000002.jsonl"]
    journal.write(RUNNING)
    assert events(s3, journal)[-1] == "00000005.jsonl"
    assert [one.seq for one in mine.history(journal.state.id)] == [1, 2, 3, 4, 5]


def test_two_writers_never_write_one_line(mine, theirs):
    first = mine.create(**SAID, **REST)
    journals = [mine.open(first.state.id), theirs.open(first.state.id)]
    outcomes = []

    def write(journal):
        try:
            journal.write(RUNNING)
            outcomes.append("written")
        except LeaseLost:
            outcomes.append("lost")

    threads = [threading.Thread(target=write, args=(one,)) for one in journals]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["lost", "written"]
    assert len(mine.history(first.state.id)) == 2


def test_a_write_whose_answer_was_lost_is_no_other_writers(mine, theirs, s3):
    journal = mine.create(**SAID, **REST)
    lost = []

    def cut(response_dict, **_):
        if not lost:
            lost.append(response_dict)
            response_dict["status_code"] = 503  # S3 has it, and its answer does not arrive.

    client = s3.cloud.s3()
    client.meta.events.register_first("before-parse.s3.PutObject", cut)
    try:
        journal.write(RUNNING)
    finally:
        client.meta.events.unregister("before-parse.s3.PutObject", cut)
    assert lost
    assert theirs.state(journal.state.id).status is DeploymentStatus.RUNNING


def test_after_a_write_of_which_nothing_is_known_nothing_is_written(mine, theirs, monkeypatch):
    journal = mine.create(**SAID, **REST)

    def unreachable(*_):
        raise CloudError("no answer", remediation="Mend the network.")

    with monkeypatch.context() as broken:
        broken.setattr(mine._bucket, "make", unreachable)
        with pytest.raises(StateError, match="cannot write the log s3://") as told:
            journal.write(RUNNING)
    assert told.value.remediation == "Mend the network."
    with pytest.raises(StateError, match="no answer"):
        journal.write(RUNNING)
    assert journal.state.status is DeploymentStatus.PENDING
    assert theirs.open(journal.state.id).write(RUNNING).status is DeploymentStatus.RUNNING


def interrupted(monkeypatch, thing, name, *, before):
    """Ctrl-C comes once, before or after what a call does."""
    real = getattr(thing, name)

    def call(*given):
        monkeypatch.setattr(thing, name, real)
        if not before:
            real(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(thing, name, call)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("talk", [0, 2])
def test_a_line_whose_write_was_interrupted_goes_with_the_next(
    mine, theirs, monkeypatch, talk, before, times
):
    journal = mine.create(**SAID, **REST)
    journal.write(RUNNING)
    for _ in range(times):
        for _ in range(talk):
            journal.write(HELLO)
        interrupted(monkeypatch, mine._bucket, "make", before=before)
        with pytest.raises(KeyboardInterrupt):
            journal.write(INTENT)
    journal.write(HELLO)
    journal.write(FAILED)
    seqs = [one.seq for one in theirs.history(journal.state.id)]
    assert seqs == list(range(1, 5 + times * (talk + 1)))
    assert theirs.state(journal.state.id) == mine.state(journal.state.id) == journal.state


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("name", ["check", "share"])
def test_an_interrupt_before_the_write_leaves_no_hole(mine, theirs, monkeypatch, name, before):
    with mine.lease("shop", "production", "deploy") as lease:
        journal = mine.create(**SAID, **REST)
        journal.write(RUNNING)
        interrupted(monkeypatch, lease, name, before=before)
        with pytest.raises(KeyboardInterrupt):
            journal.write(INTENT)
        journal.write(FAILED)
    assert [one.seq for one in theirs.history(journal.state.id)] == [1, 2, 3]
    assert theirs.state(journal.state.id) == journal.state


def test_once_another_has_written_nothing_more_is(s3, mine, theirs):
    first = mine.create(**SAID, **REST)
    late = mine.open(first.state.id)
    theirs.open(first.state.id).write(RUNNING)
    there = s3.there()
    for _ in range(4):
        with pytest.raises(LeaseLost):
            late.write(RUNNING)
    assert s3.there() == there
    assert theirs.state(first.state.id).status is DeploymentStatus.RUNNING


def test_what_cannot_change_is_read_once(s3, mine, theirs):
    journal = mine.create(**SAID, **REST)
    journal.write(RUNNING)
    theirs.state(journal.state.id)
    s3.cloud.calls.clear()
    theirs.state(journal.state.id)
    assert [one.action for one in s3.cloud.calls] == ["s3:ListObjectsV2"]


def test_a_line_that_somebody_removed_is_missed(s3, mine, theirs):
    journal = mine.create(**SAID, **REST)
    journal.write(RUNNING)
    journal.write(FAILED)
    key = f"team/state/deployments/{journal.state.id}/events/00000002.jsonl"
    s3.cloud.s3().delete_object(Bucket=s3.bucket, Key=key)
    with pytest.raises(StateError, match="line 2"):
        theirs.state(journal.state.id)


def test_files_beside_the_log_are_in_the_bucket(s3, mine, theirs):
    journal = mine.create(**SAID, **REST)
    mine.snapshot(journal.state)
    assert f"deployments/{journal.state.id}/state.json" in s3.there()
    theirs.log(journal.state.id).write("sbom.json", "{}")
    assert mine.sbom(journal.state.id) == "{}"
    assert mine.ids() == [journal.state.id]


@pytest.mark.parametrize("identifier", ["", "..", "../x", "nothing"])
def test_an_unknown_id_is_not_deployed(mine, identifier):
    with pytest.raises(NotDeployed):
        mine.history(identifier)
