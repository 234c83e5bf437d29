"""Logs that were cut off, and disks that are full: what is written stays true and readable."""

from __future__ import annotations

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import DirectoryStore
from deathkit import starved

pytestmark = pytest.mark.slow

SIZES = range(2000, 15000, 1000)
"""Bytes; the log of a deployment has more than the largest."""


@pytest.fixture
def log(world):
    """The log of a deployment that has completed."""
    one = world.application()
    identifier = one.deploy().id
    yield one.home / "deployments" / identifier / "events.jsonl"
    one.destroy()


def test_a_log_is_readable_wherever_it_was_cut_off(log, world):
    """After each of its events, and at each byte of the last."""
    store, lines = DirectoryStore(log.parents[2]), log.read_bytes().splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        log.write_bytes(b"".join(lines[:count]))
        assert len(store.history(log.parent.name)) == count
        assert store.state(log.parent.name).id == log.parent.name
    whole = b"".join(lines[:-1])
    before = store.state(log.parent.name)
    for length in range(len(lines[-1])):
        log.write_bytes(whole + lines[-1][:length])
        assert store.state(log.parent.name).status is DeploymentStatus.RUNNING
    log.write_bytes(b"".join(lines))
    assert store.state(log.parent.name) == before


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(world, tally):
    for size in SIZES:
        tally.tried += 1
        one = world.application()
        assert starved(one.by(world.mortal).deploy, world.mortal, size)
        one.deploy()
        world.whole(one, tally, f"{size} bytes")
        one.destroy()
        world.empty(one, tally, f"{size} bytes")
