"""What a failure means for a host: from what real hosts said to the error that the user sees."""

from __future__ import annotations

import json

import pytest

from autodeploy.errors import (
    DiskFull,
    HostKeyMismatch,
    HostUnreachable,
    PackagesHalfDone,
    PackagesLocked,
    PythonMissing,
    SudoRefused,
    TaskFailed,
)
from autodeploy.runner.ailing import explained, fullest

SPACE = """\
overlay 263000000 32000000 64000000 34% /
tmpfs 2500000 0 2500000 0% /tmp
tmpfs 1024 100 924 10% /srv/shop/my releases

overlay 1000 10 990 1% /
tmpfs 0 0 0 - /tmp

"""


@pytest.fixture
def inventory(tmp_path):
    """Of a host that nobody reaches: nothing listens there."""
    known = {
        "ansible_host": "127.0.0.1",
        "ansible_port": 1,
        "ansible_user": "admin",
        "ansible_ssh_common_args": "-F /dev/null -o BatchMode=yes",
    }
    path = tmp_path / "hosts.json"
    path.write_text(json.dumps({"_meta": {"hostvars": {"shop-host-1": known}}}))
    return path


def failed(cause, **reported):
    return TaskFailed("it failed", cause=cause, step="s", host="shop-host-1", reported=reported)


@pytest.mark.parametrize(
    ("cause", "kind", "said"),
    [
        ("could not be written: [Errno 28] No space left on device", DiskFull, "is full"),
        ("E: You don't have enough free space in /var: No space left on device", DiskFull, "full"),
        (
            "The module interpreter '/usr/bin/python3' was not found.\n"
            "/bin/sh: 1: /usr/bin/python3: not found",
            PythonMissing,
            "shop-host-1 has no /usr/bin/python3",
        ),
        (
            "E: dpkg was interrupted, you must manually run 'sudo dpkg --configure -a' to correct",
            PackagesHalfDone,
            "packages of shop-host-1 are half installed",
        ),
        (
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 71 (apt)",
            PackagesLocked,
            "another program",
        ),
        ("Failed to lock apt for exclusive operation: Failed to lock", PackagesLocked, "locked"),
        ("Task failed: Missing sudo password", SudoRefused, "does not let admin become root"),
        ("sudo: a password is required", SudoRefused, "does not let admin"),
        ("Task failed: Host key verification failed.", HostKeyMismatch, "another machine"),
    ],
)
def test_what_the_text_tells_is_what_is_raised(inventory, cause, kind, said):
    lost = HostUnreachable("lost", cause=cause, step="s", host="shop-host-1")
    for error in (failed(cause), lost):
        told = explained(error, inventory)
        assert type(told) is kind
        assert said in told.message
        assert cause in told.cause
        assert (told.host, told.step) == ("shop-host-1", "s")
        assert told.remediation == kind.default_remediation


@pytest.mark.parametrize(
    "cause", [None, "python3: syntax error", "the file /srv/python3 was not found", "no password"]
)
def test_what_the_text_does_not_tell_stays_what_it_is(inventory, cause):
    error = failed(cause)
    assert explained(error, inventory) is error


def test_what_a_module_has_told_is_not_told_otherwise(inventory):
    error = failed("No space left on device", healthy=False)
    assert explained(error, inventory) is error


def test_the_fullest_disk_is_named_with_what_is_free():
    assert fullest(SPACE) == "/srv/shop/my releases has 0.9 MiB free of 1.0 MiB"
    assert fullest("/dev/a 4000000 0 2000000 5% /\n\n") == "/ has 1.9 GiB free of 3.8 GiB"


def test_inodes_can_be_what_is_missing():
    assert "all its inodes" in fullest(SPACE.replace("10 990", "1000 0"))


def test_a_host_that_tells_nothing_is_full_nonetheless():
    assert fullest("") is None
    assert fullest("\n\n") is None
