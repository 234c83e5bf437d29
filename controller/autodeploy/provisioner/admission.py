"""SSH from this machine: let in for as long as somebody works on the hosts, and no longer."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autodeploy import stopping
from autodeploy.aws import Cloud, controller_address
from autodeploy.contracts import Resource
from autodeploy.errors import CloudError
from autodeploy.flock import locked
from autodeploy.journal import events as e
from autodeploy.journal.log import writing
from autodeploy.provisioner.desired import APP_GROUP
from autodeploy.provisioner.kinds.security_group import Rule, permissions

SSH = 22
LOCK = "admitted.lock"
NOT_THERE = "InvalidPermission.NotFound"
THERE_ALREADY = "InvalidPermission.Duplicate"


@contextmanager
def admitted(
    cloud: Cloud | None,
    resources: Iterable[Resource],
    folder: Path,
    note: Callable[[e.AnyEvent], object],
) -> Iterator[None]:
    """Inside the `with`, SSH from this machine's address reaches the hosts.

    Of several that work on them at once from this machine, the last one shuts it. What a crash
    leaves open, the next deployment closes.

    Args:
        cloud: Where; None where hosts exist, which nothing of ours stands before.
        resources: The application's.
        folder: The application's private folder.
        note: Hears what is about to be done, and what was.

    Raises:
        CloudError: AWS refused, or this machine's address could not be found.
        StateError: The folder cannot be written to.
    """
    group = next((one for one in resources if one.key == APP_GROUP), None)
    if cloud is None or group is None:
        yield
        return
    rules = permissions([Rule(f"{controller_address(cloud)}/32", SSH, SSH)])
    ec2 = cloud.ec2()
    note(_intended(group))
    with _sharing(folder) as lock:
        with _unless(THERE_ALREADY):
            ec2.authorize_security_group_ingress(GroupId=group.id, IpPermissions=rules)
        note(_done(group))
        try:
            yield
        finally:
            if _is_last(lock):
                try:
                    note(_intended(group))
                finally:  # Though the journal refuses, or the lease is lost, SSH is shut.
                    with stopping.unguarded(), _unless(NOT_THERE, "InvalidGroup.NotFound"):
                        ec2.revoke_security_group_ingress(GroupId=group.id, IpPermissions=rules)
                note(_done(group))


@contextmanager
def _sharing(folder: Path) -> Iterator[int]:
    """The lock that all have who are let in; its owner's death lets it go. Gives its descriptor."""
    path = folder / LOCK
    with ExitStack() as held:
        with writing(path):
            lock = held.enter_context(locked(path, fcntl.LOCK_SH))
        yield lock


def _is_last(lock: int) -> bool:
    """Whether nobody else is let in; then whoever comes next waits until the lock is let go.

    The kernel gives up a shared lock before it asks for the other: of those who leave at the same
    moment one is the last.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _intended(group: Resource) -> e.ResourceIntended:
    return e.ResourceIntended(action="update", key=group.key, type=group.type, id=group.id)


def _done(group: Resource) -> e.ResourceDone:
    return e.ResourceDone(action="update", key=group.key, type=group.type, id=group.id)


@contextmanager
def _unless(*codes: str) -> Iterator[None]:
    """That it is so already is as good."""
    try:
        yield
    except CloudError as error:
        if error.code not in codes:
            raise
