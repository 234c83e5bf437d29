"""Two controllers never hold one lease; a dead one lets it go."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autodeploy.errors import LeaseHeld
from autodeploy.journal import Lease

HOLD = """
import sys
from pathlib import Path
from autodeploy.journal import Lease
with Lease(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_live_owner_is_named_and_a_dead_one_is_not_in_the_way(tmp_path):
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout.readline() == "held\n"
    with pytest.raises(LeaseHeld, match=f"process {owner.pid}"), Lease(tmp_path):
        pass
    owner.kill()
    owner.communicate()
    with Lease(tmp_path):
        pass
