"""A plan says which release would be made, and that is what a deployment then does."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import patch

import pytest

import storykit
from autodeploy import conductor
from autodeploy.deployer import deployment_fingerprint
from recon_git import Talk

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        one.foreseen = lambda **flags: (
            conductor.plan(one.command(**flags), one.environment, Talk()).release
        )
        with patch("autodeploy.conductor.releasing.deployer.release", real(one.release)):
            yield one


def real(release):
    """A release whose state has the fingerprint that real ones have."""

    def call(rollout, candidate, cloud, folder, log, authority):
        made_of = (candidate.artifact, candidate.settings)
        told = deployment_fingerprint(*made_of, candidate.secrets.version, candidate.restart)

        def write(event):
            config = getattr(event, "deployment", None)
            changed = config and {"deployment": config.model_copy(update={"fingerprint": told})}
            log.write(event.model_copy(update=changed))

        return release(rollout, candidate, cloud, folder, SimpleNamespace(write=write), authority)

    return call


def test_the_first(world):
    commit = world.commit("two")
    assert world.foreseen() == f"the first one, of commit {commit[:12]}"


def test_another_commit_and_none(world):
    one = world.deploy().commit
    live = f"no new one: commit {one[:12]} is live, with these settings"
    assert world.foreseen() == live
    two = world.commit("two")
    assert world.foreseen() == f"a new one: commit {one[:12]} to commit {two[:12]}"


def test_other_settings_and_secrets(world):
    world.deploy()
    assert world.foreseen(hosts=2) == "a new one: settings: hosts"
    world.set(TOKEN="canary")
    assert world.foreseen() == "a new one: secrets"


def test_another_value_of_a_variable(world):
    """The value is in no state: the digest alone tells it."""
    world.deploy(env={"A": "one"})
    assert world.foreseen(env={"A": "one"}).startswith("no new one: ")
    assert world.foreseen(env={"A": "two"}).startswith("a new one: variables")
