"""What `destroy` says that goes."""

from __future__ import annotations

import pytest

from autodeploy.cli import outcome
from autodeploy.cli.destroy import question
from autodeploy.contracts import Resource
from autodeploy.journal.application import application
from autodeploy.journal.events import ResourceDone
from statekit import created

DATABASE = Resource(key="database", type="AWS::RDS::DBInstance", id="shop-db")
CACHE = Resource(key="cache", type="AWS::ElastiCache::ReplicationGroup", id="shop-cache")
DATA = " and the data in shop-db, of which a last snapshot is kept"
REDIS = " and what is in the Redis shop-cache, of which nothing is kept"


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ((), ""),
        ((DATABASE,), DATA),
        ((CACHE,), REDIS),
        ((CACHE, DATABASE), f"{DATA}{REDIS}"),
    ],
)
def test_it_says_what_is_kept_and_what_is_not(store, resources, said):
    journal = created(store)
    for one in resources:
        journal.agent("provisioner").write(ResourceDone(action="create", **one.model_dump()))
    asked = question(application([journal.state]))
    counted = {0: "0 resources", 1: "1 resource", 2: "2 resources"}[len(resources)]
    assert asked == f"Remove shop (production) with its {counted}{said}?"


@pytest.mark.parametrize(
    ("changed", "said"), [(True, "is removed"), (False, "was removed already")]
)
def test_removed_once_more_it_was_removed_already(store, capsys, changed, said):
    state = created(store, operation="destroy").state
    outcome.removed(state.model_copy(update={"changed": changed}))
    assert f"shop (production) {said}" in capsys.readouterr().err


def test_a_snapshot_that_stays_is_told_with_the_way_back(store, capsys):
    journal = created(store)
    kept = {"region": "eu-west-1", "snapshots": ("shop-db-1",)}
    outcome.removed(journal.state.model_copy(update=kept))
    told = capsys.readouterr().err
    assert "kept in the snapshot shop-db-1" in told
    assert "--region eu-west-1 --db-snapshot-identifier shop-db-1" in told
