"""Logs that were cut off or are too new, clocks, disks: what is written stays true and readable."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import StateError, StateTooNew
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import SCHEMA
from deathkit import clock_back, points, starved

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


@pytest.fixture
def parted(world):
    """The log of a deployment that has completed, in a bucket: the application, and its objects."""
    one = world.application().in_bucket()
    prefix = f"deployments/{one.deploy().id}/events/"
    kept = one.store._bucket._kept
    yield one, {name: kept[name] for name in sorted(kept) if name.startswith(prefix)}
    one.destroy()


def test_a_log_in_a_bucket_is_readable_whatever_of_its_end_is_missing(parted, tmp_path):
    """After each of its objects, and at each byte of the last; read by a machine without copies."""
    one, objects = parted
    kept, identifier = one.store._bucket._kept, one.state.last.id

    def read(name):
        return one.elsewhere(tmp_path / name).store.history(identifier)

    lines = 0
    for number, name in enumerate(objects, 1):
        for later in list(objects)[number:]:
            kept.pop(later, None)
        lines += objects[name][0].count(b"\n")
        assert len(read(f"objects-{number}")) == lines
        kept.update(objects)
    whole, tag = objects[name]
    for length in range(len(whole)):
        kept[name] = (whole[:length], tag)
        assert len(read(f"bytes-{length}")) == lines - whole[length:].count(b"\n")
    kept.update(objects)
    assert read("whole") == one.store.history(identifier)


def test_a_log_in_a_bucket_that_lacks_its_midst_is_refused(parted, tmp_path):
    one, objects = parted
    names = list(objects)
    one.store._bucket._kept.pop(names[3])
    with pytest.raises(StateError, match="is not there"):
        one.elsewhere(tmp_path).store.history(one.state.last.id)
    one.store._bucket._kept.update(objects)


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_clock_that_jumps_back_between_runs_changes_no_order(world, tally, kind):
    one = world.application() if kind == "folder" else world.application().in_bucket()
    tally.tried += 3
    ids = [one.deploy().id]
    for hours, run in ((1, one.deploy), (3, one.deploy), (50, one.destroy)):
        with clock_back(hours * 3600):
            ids.append(run().id)
            last = one.state.last
            assert (last.id, last.status) == (ids[-1], DeploymentStatus.COMPLETED)
            if hours < 50:
                world.whole(one, tally, f"{hours} hours back")
    assert ids == sorted(ids) == one.store.ids()
    for identifier in ids:
        times = [event.time for event in one.store.history(identifier)]
        assert times == sorted(times)
    world.empty(one, tally, kind)


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_state_of_an_unknown_version_is_refused_before_anything_is_changed(world, tally, kind):
    """The newest log's own form, and one that a newer version has gone on with."""
    one = world.application() if kind == "folder" else world.application().in_bucket()
    identifier = one.deploy().id
    for where in ("its beginning", "its end"):
        tally.tried += 1
        with newer(one, identifier, where) as other:
            world.door.calls.clear()
            for run in (other.deploy, other.destroy, other.rollback):
                assert "has written" in refused(run)
            assert points(world.door.calls) == []
            assert other.store.applications() == [("shop", "production")]
    one.deploy()
    world.whole(one, tally, kind)
    one.destroy()
    world.empty(one, tally, kind)


def refused(run):
    """What it says, where it is refused before a run is begun, or ends that."""
    try:
        state = run()
    except StateTooNew as error:
        return str(error)
    assert state.status is DeploymentStatus.FAILED
    return state.error.message


@contextmanager
def newer(one, identifier, where):
    """The application to who finds its log like that: in a bucket, another machine."""
    if isinstance(one.store, DirectoryStore):
        path = one.home / "deployments" / identifier / "events.jsonl"
        before = path.read_bytes()
        path.write_bytes(changed(before, where))
        yield one
        path.write_bytes(before)
    else:
        kept, prefix = one.store._bucket._kept, f"deployments/{identifier}/events/"
        names = sorted(name for name in kept if name.startswith(prefix))
        name = names[0 if where == "its beginning" else -1]
        before = kept[name]
        kept[name] = (changed(before[0], where), "changed")
        yield one.elsewhere(one.home.parent / f"other-{identifier}-{where}")
        kept[name] = before


def changed(log, where):
    """Lines as a newer version would have begun them, or gone on with them."""
    if where == "its beginning":
        return log.replace(b'"schema_version":%d' % SCHEMA, b'"schema_version":%d' % (SCHEMA + 1))
    line = {"kind": "migrated", "tool_version": "7", "schema_version": SCHEMA + 1}
    return log + json.dumps(line).encode() + b"\n"


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(world, tally):
    for size in SIZES:
        tally.tried += 1
        one = world.application()
        assert starved(one.by(world.mortal).deploy, world.mortal, size)
        one.deploy()
        world.whole(one, tally, f"{size} bytes")
        one.destroy()
        world.empty(one, tally, f"{size} bytes")
