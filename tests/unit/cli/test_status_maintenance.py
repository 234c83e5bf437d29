"""`status`: what it says of maintenance that not every host may know of."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy.cli import status as module


@pytest.mark.parametrize(
    ("maintenance", "done", "said"),
    [
        (False, True, []),
        (True, True, ["in maintenance (", "off shop -e staging"]),
        (True, False, ["some hosts alone", "on shop -e staging", "off shop -e staging"]),
        (False, False, ["some hosts yet", "off shop -e staging"]),
    ],
)
def test_maintenance_that_is_half_done_is_told(maintenance, done, said):
    known = SimpleNamespace(
        application="shop",
        environment="staging",
        status="active",
        live=True,
        maintenance=maintenance,
        maintenance_done=done,
    )
    told = module.standing(known)
    assert told.startswith("active")
    assert ("maintenance" in told) is bool(said)
    assert all(one in told for one in said)
