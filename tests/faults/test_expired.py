"""Credentials that expire in the midst of a run: from one call on AWS takes them nowhere.

With fresh ones the next run goes on: nothing is lost, orphaned or doubled.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from itertools import cycle

import pytest

from autodeploy.aws.errors import refused
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import CloudError, CredentialsExpired, StateError
from autodeploy.journal import BucketStore

pytestmark = pytest.mark.slow

FEW = 4
"""Every so many calls are tried: each takes four runs."""
IN_BUCKET = ("get", "make", "replace", "write", "keys")


@contextmanager
def expiring_after(world, one, point):
    """From the answer of the call at the point on everything is refused, until the end of this."""
    met = 0

    def ended(model, **_):
        nonlocal met
        met += model.name == point.operation
        if model.name == point.operation and met == point.nth:
            world.api.admin("POST", "faults", {"action": "*:*", "kind": "expired-credentials"})
            expired.append(point)

    expired = []
    clients = one.door._clients.values()
    for client in clients:
        client.meta.events.register_first("after-call", ended)
    kept = one.store._bucket if isinstance(one.store, BucketStore) else None
    real = {name: getattr(kept, name) for name in IN_BUCKET} if kept else {}
    for name, call in real.items():
        setattr(kept, name, partial(kept_or_refused, expired, name, call))
    try:
        yield
    finally:
        assert expired
        world.api.admin("DELETE", "faults")
        for client in clients:
            client.meta.events.unregister("after-call", ended)
        for name, call in real.items():
            setattr(kept, name, call)


def kept_or_refused(expired, name, call, *words):
    if expired:
        raise refused(f"s3:{name}", "ExpiredToken", "The provided token has expired.")
    return call(*words)


def ends(world, one, run, point):
    """It ends with an error that says that they have expired, and how to go on."""
    with expiring_after(world, one, point):
        if isinstance(one.store, BucketStore):
            with pytest.raises((StateError, CloudError), match="expired") as told:
                run()
            return told.value.remediation
        state = run()
    assert state.status is DeploymentStatus.FAILED
    assert "expired" in state.error.message
    return state.error.remediation


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_run_goes_on_with_fresh_credentials(world, tally, kind):
    for made, removed in zip(world.making[:-1:FEW], cycle(world.removing[1:-1:FEW])):
        tally.tried += 2
        one = world.application() if kind == "folder" else world.application().in_bucket()
        said = ends(world, one, one.deploy, made)
        assert said == CredentialsExpired.default_remediation
        assert "aws sso login" in said
        assert "autodeploy retry ID" in said
        world.known(one, tally, f"{made} {kind}")
        one.retry()
        world.whole(one, tally, f"{made} {kind}")
        said = ends(world, one, one.destroy, removed)
        assert said == CredentialsExpired.default_remediation
        one.destroy()
        world.empty(one, tally, f"{removed} {kind}")
