"""Two controllers never hold one lease; a dead one lets it go, a live one is named."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from autodeploy.errors import LeaseHeld, LeaseLost
from autodeploy.journal import filelease, who
from autodeploy.journal.directory import DirectoryStore

HOLD = """
import sys
from pathlib import Path
from autodeploy.journal import DirectoryStore
with DirectoryStore(Path(sys.argv[1])).lease("shop", "production", "deploy"):
    print("held", flush=True)
    sys.stdin.read()
"""
SHOP = ("shop", "production")


@contextmanager
def another(root):
    """Another process that holds the lease."""
    command = [sys.executable, "-c", HOLD, str(root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as owner:
        assert owner.stdout.readline() == "held\n"
        yield owner
        owner.kill()


def test_a_live_owner_is_named_and_a_dead_one_is_not_in_the_way(store):
    with another(store.root) as owner:
        told = rf"{who()} \(process {owner.pid}\) works on it since 20.* UTC: deploy"
        with pytest.raises(LeaseHeld, match=told), store.lease(*SHOP, "destroy"):
            pass
        assert store.holder(*SHOP).pid == owner.pid
        owner.kill()
        owner.wait()
        assert store.holder(*SHOP) is None
        with store.lease(*SHOP, "destroy"):
            assert store.holder(*SHOP).operation == "destroy"


def test_who_waits_is_told_once_for_whom_and_has_it_then(store):
    with another(store.root) as owner:
        said = []
        # What is said comes after the first look: from then on the owner may go.
        store.say = lambda line: (said.append(line), owner.stdin.close())
        with store.lease(*SHOP, "destroy", wait=60):
            assert store.holder(*SHOP).operation == "destroy"
        assert len(said) == 1
        assert f"process {owner.pid}" in said[0]


def test_who_has_waited_in_vain_is_told_for_whom(store):
    with another(store.root) as owner:
        store.say = lambda _line: None
        told = f"process {owner.pid}"
        with pytest.raises(LeaseHeld, match=told), store.lease(*SHOP, "destroy", wait=1):
            pass


def test_what_the_file_says_is_no_lock(store):
    path = store.application_folder(*SHOP) / "lease"
    path.write_text("process 1 on an older version")
    assert store.holder(*SHOP) is None
    with store.lease(*SHOP, "deploy"):
        assert store.holder(*SHOP).number == 1
    with store.lease(*SHOP, "deploy"):
        assert store.holder(*SHOP).number == 2


def test_no_lease_is_taken_from_a_live_process(store):
    with another(store.root) as owner:
        held = store.holder(*SHOP)
        with pytest.raises(LeaseHeld) as refused:
            store.unlock(*SHOP, held)
        assert f"kill -INT {owner.pid}" in refused.value.remediation
        assert DirectoryStore(store.root).holder(*SHOP) == held


def test_a_live_owner_whose_file_is_removed_hears_of_it_while_it_writes_nothing(store):
    heard, told = threading.Event(), []
    lease = store.lease(*SHOP, "deploy")
    lease.on_lost = lambda error: (told.append(error), heard.set())
    lease.watched = 0.01
    with lease:
        lease.check()
        (store.application_folder(*SHOP) / "lease").unlink()
        assert heard.wait(30)
        with pytest.raises(LeaseLost, match=r"lease was removed"):
            lease.check()
        with another(store.root) as owner, pytest.raises(LeaseLost, match=f"process {owner.pid}"):
            lease.check()
    assert len(told) == 1


def test_a_file_that_is_removed_while_it_is_taken_is_no_lease(store, monkeypatch):
    path = store.application_folder(*SHOP) / "lease"
    real, calls = filelease._tried, []

    def tried(descriptor):
        calls.append(descriptor)
        if len(calls) == 1:
            path.unlink()
        return real(descriptor)

    monkeypatch.setattr(filelease, "_tried", tried)
    with store.lease(*SHOP, "deploy") as lease:
        lease.check()
        assert store.holder(*SHOP).operation == "deploy"


def test_what_is_let_go_while_it_is_looked_at_is_not_lost(store):
    looks, gone, told = threading.Event(), threading.Event(), []
    lease = store.lease(*SHOP, "deploy")
    watch, lease.watched, lease.on_lost = lease.watch, 0.01, told.append

    def slowly():
        looks.set()
        assert gone.wait(30)
        watch()

    lease.watch = slowly
    with lease:
        assert looks.wait(30)
        (looking,) = [one for one in threading.enumerate() if one.name == "lease"]
    gone.set()
    looking.join(30)
    assert told == []
