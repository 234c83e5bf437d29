"""Releases as people count them."""

from __future__ import annotations

import pytest

from autodeploy.conductor import release_called, releases, what
from autodeploy.contracts import DeploymentStatus, Host, TechStack
from autodeploy.journal.events import (
    HostsKnown,
    ReleaseActivated,
    RollbackBegun,
    SourceRead,
    StatusChanged,
)
from autodeploy.settings import Settings
from statekit import created, running


@pytest.fixture
def deploy(store):
    """A deployment that has ended."""

    def one(
        release, commit="a" * 40, *, hosts=1, changed=True, operation="deploy", env=None, **settings
    ):
        journal = created(store, operation=operation)
        journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
        if release:
            marks = Settings(env=env or {}).variable_marks()
            journal.write(
                SourceRead(commit=commit, stack=TechStack(), settings=settings, variables=marks)
            )
            made = [
                Host(name=f"host-{n}", address=f"192.0.2.{n}", host_key="k") for n in range(hosts)
            ]
            journal.write(HostsKnown(hosts=tuple(made), host_settings={"arch": "amd64"}))
            config = running(release).model_copy(update={"fingerprint": release})
            journal.write(ReleaseActivated(deployment=config))
        journal.write(StatusChanged(status=DeploymentStatus.COMPLETED, changed=changed))
        return journal

    return one


def shown(store):
    runs = store.states("shop", "production")
    found = releases(runs, store.application("shop", "production"))
    return [(one.version, one.config.release, str(one.standing), one.changes) for one in found]


def test_each_release_says_what_it_changed(store, deploy):
    deploy("r1")
    deploy("r2", "b" * 40, arch="amd64")
    deploy("r3", "b" * 40, hosts=2, memory="1G")
    deploy("r4", "b" * 40, hosts=2, memory="1G")
    assert shown(store) == [
        (1, "r1", "past", ("the first",)),
        (2, "r2", "past", ("commit aaaaaaa to bbbbbbb",)),
        (3, "r3", "can be rolled back to", ("settings: memory", "hosts: 1 to 2")),
        (4, "r4", "live", ("variables",)),
    ]


def test_variables_that_changed_are_named_without_their_values(store, deploy):
    deploy("r1", env={"GREETING": "hunter2", "GONE": "x", "SAME": "s"})
    deploy("r2", env={"GREETING": "hello", "NEW": "y", "SAME": "s"})
    assert shown(store)[1][3] == ("variables: GONE, GREETING, NEW",)
    log = b"".join(one.read_bytes() for one in store.root.rglob("events.jsonl"))
    assert b"GREETING" in log
    assert b"hunter2" not in log


def test_what_changed_nothing_is_no_version(store, deploy):
    deploy("r1")
    deploy("r1", changed=False)
    assert [one[:3] for one in shown(store)] == [(1, "r1", "live")]


def test_what_was_undone_says_so(store, deploy):
    first = deploy("r1")
    second = deploy("r2", "b" * 40)
    second.write(RollbackBegun(leads_to=first.state.id))
    second.write(StatusChanged(status=DeploymentStatus.ROLLING_BACK))
    second.write(StatusChanged(status=DeploymentStatus.ROLLED_BACK))
    assert [one[:3] for one in shown(store)] == [(1, "r1", "live"), (2, "r2", "rolled back")]


def test_one_release_that_came_back_is_live_once(store, deploy):
    for release, commit in (("r1", "a"), ("r2", "b"), ("r1", "a")):
        deploy(release, commit * 40)
    assert [one[2] for one in shown(store)] == ["past", "can be rolled back to", "live"]


def test_after_a_removal_it_counts_anew(store, deploy):
    deploy("r1")
    deploy(None, operation="destroy")
    deploy("r9")
    assert [one[:3] for one in shown(store)] == [(1, "r9", "live")]


def test_after_a_first_one_is_undone_it_counts_anew(store, deploy):
    first = deploy("r1")
    first.write(RollbackBegun(leads_to=None))
    first.write(StatusChanged(status=DeploymentStatus.ROLLING_BACK))
    first.write(StatusChanged(status=DeploymentStatus.ROLLED_BACK))
    deploy("r2")
    assert [one[:3] for one in shown(store)] == [(1, "r2", "live")]


def test_what_changed_nothing_hides_no_way_back(store, deploy):
    """`releases` names the release that `rollback` leads to."""
    deploy("r1")
    deploy("r2", "b" * 40)
    deploy("r2", "b" * 40, changed=False)
    deploy("r3", "c" * 40)
    kept = "can be rolled back to"
    assert [one[1:3] for one in shown(store)] == [("r1", kept), ("r2", kept), ("r3", "live")]
    assert what(store.application("shop", "production")).release.release == "r2"


def test_what_changed_nothing_is_undone_with_what_it_found(store, deploy):
    first = deploy("r1")
    second = deploy("r2", "b" * 40)
    deploy("r2", "b" * 40, changed=False)
    second.write(RollbackBegun(leads_to=first.state.id))
    for status in (DeploymentStatus.ROLLING_BACK, DeploymentStatus.ROLLED_BACK):
        second.write(StatusChanged(status=status))
        assert store.application("shop", "production").last == second.state
    nothing = deploy("r1", changed=False)
    assert store.application("shop", "production").last == nothing.state


def test_a_version_is_a_name_of_its_release(store, deploy):
    deploy("r1")
    deploy("r2", "b" * 40)
    runs, known = store.states("shop", "production"), store.application("shop", "production")
    named = [release_called(one, runs, known) for one in ("v1", "r1", "v9", None)]
    assert named == ["r1", "r1", "v9", None]
