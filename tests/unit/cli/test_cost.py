"""Of which applications `cost` speaks where none is named."""

from __future__ import annotations

import pytest

from autodeploy.cli.cost import _wanted
from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import ResourceIntended, SnapshotKept, StatusChanged
from statekit import created

VPC = ResourceIntended(action="create", key="vpc", type="AWS::EC2::VPC")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path))
    return DirectoryStore(tmp_path)


def run(store, name, status, *events):
    journal = created(store, application=name)
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    for event in events:
        journal.write(event)
    journal.write(StatusChanged(status=status))


def names():
    return [one.application for one in _wanted(None, None)]


def test_what_was_refused_before_anything_was_made_is_left_out(store):
    run(store, "refused", DeploymentStatus.FAILED)
    run(store, "begun", DeploymentStatus.FAILED, VPC)
    assert names() == ["begun"]
    assert [one.application for one in _wanted("refused", None)] == ["refused"]


def test_a_snapshot_that_is_left_counts_whatever_was_refused_since(store):
    run(store, "shop", DeploymentStatus.FAILED, SnapshotKept(id="rds:shop"))
    run(store, "shop", DeploymentStatus.FAILED)
    assert names() == ["shop"]
