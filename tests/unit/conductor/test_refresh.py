"""`deploy --refresh` mends hosts: where it fails, the next deployment does what it was to do."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

import storykit
from autodeploy import conductor
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import HostError

pytestmark = pytest.mark.slow

BEFORE = "autodeploy.conductor.before"


@pytest.fixture
def world(tmp_path):
    with (
        storykit.world(tmp_path) as one,
        patch(f"{BEFORE}.is_live", lambda *_: True),
        patch(f"{BEFORE}.deployment_fingerprint", lambda artifact, *_: artifact.digest),
    ):
        yield one


def test_the_next_one_prepares_the_hosts(world):
    world.deploy()
    assert world.deploy().changed is False
    with patch("autodeploy.conductor.releasing.deployer.rollout", side_effect=HostError("no room")):
        failed = conductor.deploy(replace(world.command(), refresh=True), world.environment)
    assert failed.status is DeploymentStatus.FAILED
    before = world.prepared
    state = world.deploy()
    assert (state.status, state.changed) == (DeploymentStatus.COMPLETED, True)
    assert world.prepared == before + 1
    assert world.deploy().changed is False
