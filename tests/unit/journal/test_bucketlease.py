"""Leases in a bucket: one owner at a time, also where processes race, die, sleep or are cut off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import CloudError, LeaseHeld, LeaseLost
from autodeploy.journal import bucketlease, who
from autodeploy.journal.events import StatusChanged
from labkit import until
from statekit import REST, SAID

SHOP = ("shop", "production")
KEY = "applications/shop/production/lease"
RUNNING = StatusChanged(status=DeploymentStatus.RUNNING)
# Each says when it is ready, waits for the start, and then tries once.
RACE = """
import sys
from pathlib import Path
from autodeploy.aws import Cloud, S3Bucket, SecretsVault
from autodeploy.errors import LeaseHeld
from autodeploy.journal import BucketStore
endpoint, bucket, root = sys.argv[1:]
cloud = Cloud(region="eu-central-1", endpoint_url=endpoint)
door = S3Bucket(cloud, bucket, "team/state")
store = BucketStore(door, SecretsVault(cloud, door.region), Path(root))
door.get("nothing")
print("ready", flush=True)
sys.stdin.readline()
try:
    with store.lease("shop", "production", "deploy"):
        print("mine", flush=True)
        sys.stdin.readline()
except LeaseHeld as error:
    print(error, flush=True)
"""


@pytest.fixture
def mine(s3, tmp_path):
    return s3.store(tmp_path / "mine")


@pytest.fixture
def theirs(s3, tmp_path):
    return s3.store(tmp_path / "theirs")


@pytest.fixture
def racers(s3, tmp_path):
    """Processes that are about to take the lease."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    line = [sys.executable, "-c", RACE, s3.endpoint, s3.bucket]
    started = [subprocess.Popen([*line, str(tmp_path / one)], **pipes) for one in "ab"]
    yield started
    for one in started:
        one.kill()
        one.communicate()


def go(racer):
    racer.stdin.write("go\n")
    racer.stdin.flush()


def test_of_two_processes_one_has_it_and_the_other_is_told_who(racers, mine):
    assert [one.stdout.readline() for one in racers] == ["ready\n", "ready\n"]
    for one in racers:
        go(one)
    said = [one.stdout.readline().strip() for one in racers]
    winner = racers[said.index("mine")]
    (refused,) = [line for line in said if line != "mine"]
    assert refused.startswith(f"{who()} (process {winner.pid}) works on it since ")
    assert mine.holder(*SHOP).pid == winner.pid
    go(winner)
    winner.wait()
    assert mine.holder(*SHOP) is None


def test_an_owner_that_died_is_in_the_way_until_its_lease_has_run_out(racers, s3, mine):
    owner = racers[0]
    assert owner.stdout.readline() == "ready\n"
    go(owner)
    assert owner.stdout.readline() == "mine\n"
    owner.kill()
    owner.wait()
    with pytest.raises(LeaseHeld, match=f"process {owner.pid}"):
        mine.lease(*SHOP, "destroy").take()
    s3.let_pass(KEY, mine.life - 2)
    with pytest.raises(LeaseHeld):
        mine.lease(*SHOP, "destroy").take()
    s3.let_pass(KEY, 3)
    assert mine.holder(*SHOP) is None
    with mine.lease(*SHOP, "destroy"):
        held = mine.holder(*SHOP)
        assert (held.pid, held.number) == (os.getpid(), 2)


def test_an_owner_that_died_on_this_machine_is_in_nobodys_way_there(racers, s3, tmp_path, mine):
    owner = racers[0]
    assert owner.stdout.readline() == "ready\n"
    go(owner)
    assert owner.stdout.readline() == "mine\n"
    owner.kill()
    owner.wait()
    with pytest.raises(LeaseHeld):
        mine.lease(*SHOP, "destroy").take()
    with s3.store(tmp_path / "a").lease(*SHOP, "destroy"):
        assert mine.holder(*SHOP).pid == os.getpid()


def test_each_owner_has_a_higher_number_whether_let_go_or_run_out(s3, mine, theirs):
    for number in (1, 2):
        with mine.lease(*SHOP, "deploy"):
            assert theirs.holder(*SHOP).number == number
    mine.lease(*SHOP, "deploy").take()
    s3.let_pass(KEY, mine.life + 1)
    with theirs.lease(*SHOP, "deploy"):
        assert theirs.holder(*SHOP).number == 4


def test_a_live_owner_whose_lease_ran_out_writes_nothing_more(s3, mine, theirs, monkeypatch):
    lease = mine.lease(*SHOP, "deploy")
    with lease:
        journal = mine.create(**SAID, **REST)
        # This machine slept for an hour, and somebody else went on.
        s3.let_pass(KEY, 3600)
        lease._renewed = tuple(one - 3600 for one in lease._renewed)
        with theirs.lease(*SHOP, "destroy"):
            with pytest.raises(LeaseLost, match=r"works on it since .*: destroy"):
                journal.write(RUNNING)
            with pytest.raises(LeaseLost):
                journal.write(RUNNING)
            assert theirs.holder(*SHOP).operation == "destroy"
            assert theirs.state(journal.state.id).status is DeploymentStatus.PENDING
        # What it let go was not the other one's.
    assert theirs.holder(*SHOP) is None


def test_a_live_owner_whose_lease_ran_out_and_was_not_taken_goes_on(s3, mine):
    lease = mine.lease(*SHOP, "deploy")
    with lease:
        journal = mine.create(**SAID, **REST)
        s3.let_pass(KEY, 3600)
        lease._renewed = tuple(one - 3600 for one in lease._renewed)
        journal.write(RUNNING)
        assert mine.holder(*SHOP).renewal == 1


def test_a_clock_that_is_wrong_changes_nothing(s3, mine, theirs, monkeypatch):
    with mine.lease(*SHOP, "deploy"):
        for wrong in (4e9, 0.0):
            monkeypatch.setattr(bucketlease, "_now", lambda now=wrong: (time.monotonic(), now))
            with pytest.raises(LeaseHeld):
                theirs.lease(*SHOP, "destroy").take()
            mine.create(**SAID, **REST)


def test_it_is_renewed_while_it_is_held(s3, mine):
    mine.life = 0.3
    renewed = []
    with mine.lease(*SHOP, "deploy") as lease:
        again = lease._bucket.replace
        done = threading.Event()

        def replace(*args):
            renewed.append(args)
            if len(renewed) == 3:
                done.set()
            return again(*args)

        lease._bucket.replace = replace
        assert done.wait(30)
        assert json.loads(s3.data(KEY))["renewal"] >= 2


def test_it_is_renewed_while_its_owner_shares_at_the_end(s3, mine, monkeypatch):
    mine.life = 0.3
    renewals = []
    with mine.lease(*SHOP, "deploy") as lease:
        share, again, done = lease._belongings.share, lease.renew, threading.Event()

        def renew():
            again()
            renewals.append(json.loads(s3.data(KEY))["renewal"])
            if done_at and len(renewals) > done_at[0]:
                done.set()

        def slow():
            done_at.append(len(renewals) + 1)
            assert done.wait(30)
            share()

        done_at = []
        monkeypatch.setattr(lease, "renew", renew)
        monkeypatch.setattr(lease._belongings, "share", slow)
    assert renewals[-1] >= 2
    assert mine.holder(*SHOP) is None


def test_who_has_lost_it_shares_nothing_at_the_end(s3, mine, theirs):
    said = []
    mine.say = said.append
    with mine.lease(*SHOP, "deploy"):
        (mine.application_folder(*SHOP) / "known_hosts").write_text("old")
        s3.let_pass(KEY, mine.life + 1)
        with theirs.lease(*SHOP, "deploy"):
            (theirs.application_folder(*SHOP) / "known_hosts").write_text("new")
    assert s3.data("applications/shop/production/known_hosts") == b"new"
    assert len(said) == 1
    assert "may not know all of the application's hosts: the lease was lost" in said[0]


def test_who_waits_has_it_when_it_is_let_go(mine, theirs):
    lease = mine.lease(*SHOP, "deploy")
    lease.take()
    said = []
    theirs.say = lambda line: (said.append(line), lease.give())
    waiting = theirs.lease(*SHOP, "destroy", wait=60)
    waiting.pause = 0.01
    with waiting:
        theirs.create(**SAID, **REST)
        assert theirs.holder(*SHOP).operation == "destroy"
    assert len(said) == 1
    assert said[0].startswith(f"waiting up to 60 s: {who()}")


def test_a_take_over_of_what_is_being_renewed_is_refused(s3, mine, theirs, monkeypatch):
    lease = mine.lease(*SHOP, "deploy")
    lease.take()
    s3.let_pass(KEY, 3600)
    door = theirs._bucket
    get = door.get

    def read_then_renewed(key):
        found = get(key)
        monkeypatch.setattr(door, "get", get)
        lease.renew()
        return found

    monkeypatch.setattr(door, "get", read_then_renewed)
    with pytest.raises(LeaseHeld):
        theirs.lease(*SHOP, "destroy").take()
    lease.check()


def test_unlocked_it_is_free_and_its_owner_hears_of_it(mine, theirs):
    lease = mine.lease(*SHOP, "deploy")
    lease.take()
    held = theirs.holder(*SHOP)
    lease.renew()  # It may have been, while the user was asked.
    theirs.unlock(*SHOP, held)
    assert theirs.holder(*SHOP) is None
    lease.renew()
    with pytest.raises(LeaseLost, match="unlock"):
        lease.check()
    theirs.unlock(*SHOP, held)  # There is nothing more to do.
    lease.give()
    with mine.lease(*SHOP, "deploy"), pytest.raises(LeaseHeld):
        theirs.unlock(*SHOP, held)


@pytest.fixture
def lost(mine):
    """A lease that is looked at often, and what its owner was told of it."""
    mine.life = 0.3
    lease, heard = mine.lease(*SHOP, "deploy"), Heard()
    lease.on_lost = heard
    return lease, heard


class Heard(list):
    """What was told, and that something was."""

    def __init__(self):
        super().__init__()
        self.at_all = threading.Event()

    def __call__(self, error):
        self.append(str(error))
        self.remediation = error.remediation
        self.at_all.set()


def test_a_live_owner_hears_that_it_was_taken_while_it_writes_nothing(lost, theirs):
    lease, heard = lost
    with lease:
        # It lives a third of a second, and is renewed: a slow machine may see it run out.
        theirs.unlock(*SHOP, until(lambda: theirs.holder(*SHOP)))
        assert heard.at_all.wait(30)
        with pytest.raises(LeaseLost):
            lease.check()
    assert heard == ["the lease was lost: somebody took it away with `autodeploy unlock`"]


def test_an_owner_that_is_cut_off_for_longer_than_it_lives_hears_of_it(lost, monkeypatch):
    lease, heard = lost

    def unreachable(*_):
        raise CloudError("no answer")

    with lease, monkeypatch.context() as broken:
        broken.setattr(lease._bucket, "replace", unreachable)
        assert heard.at_all.wait(30)
    assert heard == ["the lease could not be renewed for 0.3 s, and others may have it: no answer"]
    assert heard.remediation == LeaseLost.unclaimed


def test_a_bucket_that_cannot_be_reached_for_a_while_costs_no_lease(mine, theirs, monkeypatch):
    def unreachable(*_):
        raise CloudError("no answer")

    with mine.lease(*SHOP, "deploy") as lease:
        with monkeypatch.context() as broken:
            broken.setattr(lease._bucket, "replace", unreachable)
            lease.check()
            with pytest.raises(CloudError):
                lease.renew()
        lease.renew()
        lease.check()
        assert theirs.holder(*SHOP).renewal == 1
