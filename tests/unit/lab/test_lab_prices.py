"""`prices refresh` understands AWS's form, as the lab has it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from autodeploy.aws import Cloud
from autodeploy.errors import PricesRefused
from autodeploy.provisioner.pricing import fetched

pytestmark = pytest.mark.slow


def test_a_region_is_read_whole_and_one_that_is_not_there_is_refused(api):
    door = Cloud(region="eu-central-1", endpoint_url=api.url)
    asked = []
    found = fetched(door, "eu-central-1", asked.append)
    assert found.price("instance/t3.small") == Decimal("0.024")
    assert found.price("database/mysql/db.t4g.micro") == Decimal("0.018")
    assert found.price("cache/cache.t4g.micro") == Decimal("0.019")
    assert found.price("alarm") == Decimal("0.1")
    assert found.price("transfer-out") == Decimal("0.09")
    assert asked
    assert {call.action for call in door.in_region("us-east-1").calls} <= {"pricing:GetProducts"}
    with pytest.raises(PricesRefused):
        fetched(door, "eu-north-1", asked.append)
