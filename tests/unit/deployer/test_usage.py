"""What a host's kernel says of how much of it is used."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest

from autodeploy.deployer import USAGE, usage
from autodeploy.errors import HostError

NOW = datetime(2026, 11, 26, 12, 2, tzinfo=UTC)
PRINTED = (
    "cpu  100 0 100 700 100 0 0 0 50 0",
    "cpu  130 0 110 740 120 0 0 0 60 0",
    "0.52 0.40 0.30 1/200 4242",
    "MemTotal:        4000000 kB",
    "MemAvailable:    1000000 kB",
    "/dev/root        20000000 5000000 14000000      27% /",
)


def test_shares_of_the_whole_are_told():
    found = {one.metric: (one.points[0].value, one.unit) for one in usage("host-1", PRINTED, NOW)}
    assert found == {
        "cpu": (pytest.approx(40), "percent"),
        "load": (0.52, "count"),
        "memory used": (pytest.approx(75), "percent"),
        "disk used": (27, "percent"),
    }
    assert {one.of for one in usage("host-1", PRINTED, NOW)} == {"host-1"}


@pytest.mark.parametrize(
    "printed", [(), PRINTED[:-1], ("",) * 6, (*PRINTED[:2], "x", *PRINTED[3:])]
)
def test_what_is_not_understood_is_said(printed):
    with pytest.raises(HostError, match="host-1 says of its use is not understood"):
        usage("host-1", printed, NOW)


@pytest.mark.slow
def test_this_machine_says_it_so():
    done = subprocess.run(["sh", "-c", USAGE], capture_output=True, text=True, check=True)
    for one in usage("here", done.stdout.splitlines(), NOW):
        assert one.points[0].value >= 0
        assert one.unit != "percent" or one.points[0].value <= 100
