"""SSH stays open for as long as anybody of this machine works on the hosts."""

from __future__ import annotations

import subprocess
import sys

import pytest

import moto_api
from autodeploy.provisioner import admitted

OTHER = """\
import fcntl, sys
with open(sys.argv[1], "a") as file:
    fcntl.flock(file, fcntl.LOCK_SH)
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def let_in(controller):
    """Gives, each time, what lets one in who works on the hosts."""
    resources = controller.provision().resources
    return lambda note=lambda _: None: admitted(controller.cloud, resources, controller.keys, note)


def is_open():
    groups = moto_api.client().describe_security_groups()["SecurityGroups"]
    return 22 in [one.get("FromPort") for group in groups for one in group["IpPermissions"]]


@pytest.mark.parametrize("first", [0, 1])
def test_whoever_leaves_first_leaves_it_open(let_in, first):
    both = [let_in(), let_in()]
    for one in both:
        one.__enter__()
    both[first].__exit__(None, None, None)
    assert is_open()
    both[not first].__exit__(None, None, None)
    assert not is_open()


def test_another_process_is_not_shut_out(let_in, controller):
    """Nothing is journalled either: nothing was done."""
    noted = []
    lock = controller.keys / "admitted.lock"
    line = [sys.executable, "-c", OTHER, lock]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"in\n"
        with let_in(noted.append):
            entered = len(noted)
        assert is_open()
        assert len(noted) == entered
        other.stdin.close()
    with let_in():
        pass
    assert not is_open()
