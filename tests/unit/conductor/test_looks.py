"""What can be known before a rollback is: one that is refused leaves all as it was."""

from __future__ import annotations

from unittest.mock import patch

import pytest

import moto_api
import storykit
from autodeploy import deployer, stopping
from autodeploy.conductor.standing import standing
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import HostUnreachable, Interrupted, RollbackRefused

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    """An application whose second release serves."""
    with storykit.world(tmp_path) as one:
        one.deploy()
        one.commit("two")
        one.deploy()
        yield one


def lines(world):
    """All that the logs say."""
    return {one.id: one.lines() for one in world.store.logs()}


@pytest.fixture
def before(world):
    """What a refused rollback leaves: asked once it was refused."""
    state, serving, logs = world.known, world.serving, lines(world)
    yield
    assert lines(world) == logs
    assert (world.known, world.serving) == (state, serving)
    assert world.known.change.status is DeploymentStatus.COMPLETED
    groups = moto_api.client().describe_security_groups()["SecurityGroups"]
    ports = [one.get("FromPort") for group in groups for one in group["IpPermissions"]]
    assert 22 not in ports


@pytest.mark.usefixtures("before")
def test_a_release_that_is_gone(world):
    world.gone = {world.known.earlier[0].deployment.release}
    with pytest.raises(RollbackRefused, match="no longer on host-1"):
        world.rollback()


@pytest.mark.usefixtures("before")
def test_a_host_that_does_not_let_us_in(world):
    refused = HostUnreachable("no answer")
    with (
        patch("autodeploy.conductor.rollback.deployer.log_in", side_effect=refused),
        pytest.raises(HostUnreachable),
    ):
        world.rollback()


@pytest.mark.usefixtures("before")
def test_a_ctrl_c_meanwhile(world, monkeypatch):
    monkeypatch.setattr(stopping, "is_asked", lambda: True)
    with pytest.raises(Interrupted):
        world.rollback()


def test_what_was_refused_can_be_done_once_it_can(world):
    before, world.gone = world.known.earlier[0].deployment.release, {"x"}
    state = world.rollback()
    assert (state.status, world.serving) == (DeploymentStatus.ROLLED_BACK, before)


@pytest.mark.parametrize("there", [True, False])
def test_every_host_is_asked_for_the_release(there, monkeypatch, world, tmp_path):
    asked = []

    def holds(host, key, known_hosts, look):
        asked.append((host.name, look))
        return there

    monkeypatch.setattr("autodeploy.deployer.goingback.holds", holds)
    known = world.known
    spec = standing(known, known.hosts, world.command().settings, None)
    if there:
        deployer.refuse_gone(spec, "r1", tmp_path)
    else:
        with pytest.raises(RollbackRefused, match="release r1 is no longer on host-1"):
            deployer.refuse_gone(spec, "r1", tmp_path)
    ((name, look),) = asked
    assert name == "host-1"
    assert "/srv/shop/releases/r1" in look
