"""What `destroy` says that goes."""

from __future__ import annotations

import pytest

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
    assert asked == f"Remove shop (production) with its {len(resources)} resources{said}?"
