"""A lease that is lost in the midst of a long step ends the run there, with who has it."""

from __future__ import annotations

import pytest

import memorykit
from autodeploy import conductor, stopping
from autodeploy.conductor.run import begun
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import HostError, Interrupted, LeaseLost
from autodeploy.journal import DirectoryStore
from autodeploy.journal.lease import Lease
from autodeploy.runner import Play, started
from autodeploy.settings import load

SHOP = ("shop", "production")
FLAGS = {"target": "ssh"}
COMMAND = conductor.Command(None, "shop", FLAGS, load(FLAGS))


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path, monkeypatch):
    if request.param == "folder":
        monkeypatch.setattr(Lease, "watched", 0.01)
        return DirectoryStore(tmp_path)
    found = memorykit.store(tmp_path, memorykit.MemoryBucket())
    found.life = 0.3
    return found


def rob(store):
    if isinstance(store, DirectoryStore):
        (store.application_folder(*SHOP) / "lease").unlink()
    else:
        store.unlock(*SHOP, store.holder(*SHOP))


@pytest.fixture
def run(store, tmp_path):
    """Does something in a run, and gives what came of that and the log's last status."""

    def run(long_step):
        environment = conductor.Environment(store, tmp_path / "cache", open_cloud=lambda: None)

        def deploy():
            with begun("deploy", COMMAND, environment):
                rob(store)
                long_step()

        with pytest.raises(LeaseLost) as lost:
            deploy()
        (identifier,) = store.ids()
        return str(lost.value), store.state(identifier).status

    return run


def test_a_wait_ends(run):
    def waiter():
        assert stopping.asked.wait(30)
        stopping.check()

    said, status = run(waiter)
    assert "the lease was lost" in said
    assert status is DeploymentStatus.RUNNING
    assert not stopping.asked.is_set()


@pytest.mark.parametrize("error", [HostError("canceled"), Interrupted("stopped")])
def test_a_build_is_ended_and_its_own_error_is_not_the_cause(run, error):
    def build():
        with stopping.heard(lambda: None):
            assert stopping.asked.wait(30)
            raise error

    assert "the lease was lost" in run(build)[0]


def test_no_play_is_begun_not_even_one_that_goes_back(run, tmp_path):
    begun_after = []

    def go_back():
        assert stopping.asked.wait(30)
        play = Play(playbook="rollback.yml", inventory=tmp_path / "rollback.json")
        with stopping.uninterrupted():
            try:
                with started(play, None, "deployer"):
                    begun_after.append(play)
            except HostError:
                pytest.fail("it was begun")

    run(go_back)
    assert begun_after == []
