"""An API that refuses, forgets to answer or lags: the run completes, or ends in a clear error.

After an error the next run completes. Nothing is lost, orphaned or doubled either way.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from botocore.retries.bucket import TokenBucket
from tenacity import wait_none

from autodeploy.aws.errors import refused as refusal
from autodeploy.contracts import DeploymentStatus
from autodeploy.provisioner import executor, patience
from autodeploy.provisioner.kinds import database, lifecycle, load_balancer

pytestmark = pytest.mark.slow

FOR_EVER = 1e9
PASSING = ("dropped-response", "connection-reset", "throttling", "internal-error", "unavailable")
IN_USE = {
    "DeleteDBInstance": "InvalidDBInstanceState",
    "DeleteDBSubnetGroup": "InvalidDBSubnetGroupStateFault",
    "DeleteTargetGroup": "ResourceInUse",
    "DeleteSecurityGroup": "DependencyViolation",
    "DeleteSubnet": "DependencyViolation",
    "DeleteRouteTable": "DependencyViolation",
    "DetachInternetGateway": "DependencyViolation",
    "DeleteVpc": "DependencyViolation",
}
ENDING = ("expired-credentials", "quota", "access-denied")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    """Nobody pauses between one attempt and the next."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr(TokenBucket, "acquire", lambda *_, **__: True)
    monkeypatch.setattr(patience, "PAUSES", wait_none())


@pytest.fixture(autouse=True)
def _mended(world):
    """After a test the API is well again."""
    yield
    world.api.admin("DELETE", "faults")
    delays(world, **dict.fromkeys(("visible", "instance", "db-instance", "load-balancer"), 0))
    world.api.clock.step = 0


def delays(world, **seconds):
    world.api.admin("POST", "delays", {key.replace("_", "-"): one for key, one in seconds.items()})


def plan(world, operation, kind, **how):
    fault = {"action": f"*:{operation}", "kind": kind, **how}
    world.api.admin("POST", "faults", fault)


def completes(run):
    state = run()
    assert state.status is DeploymentStatus.COMPLETED, state.error


def failed(one, because):
    """The last run has ended as failed; the error says why, and what to do."""
    state = one.state.last
    assert state.status is DeploymentStatus.FAILED
    assert state.error.agent == "provisioner"
    assert because in f"{state.error.message} {state.error.cause}"
    assert state.error.remediation


def operations(points):
    return list(dict.fromkeys(one.operation for one in points))


@pytest.mark.parametrize("kind", PASSING)
def test_every_call_fails_once_and_the_run_completes(world, tally, kind):
    """Each attempt with an odd number fails, so that each call is made a second time."""
    one = world.application()
    for points, run, oracle in (
        (world.making, one.deploy, world.whole),
        (world.removing, one.destroy, world.empty),
    ):
        tally.tried += len(points)
        for point in points:
            plan(world, point.operation, kind, nth=2 * point.nth - 1)
        completes(run)
        world.api.admin("DELETE", "faults")
        oracle(one, tally, f"every call: {kind}")


@pytest.mark.parametrize("kind", ENDING)
def test_a_refusal_ends_the_run_and_the_next_one_goes_on(world, tally, kind):
    """Each operation is refused once: run after run ends, until none is refused any more."""
    one = world.application()
    for points, run, oracle in (
        (world.making, one.deploy, world.whole),
        (world.removing, one.destroy, world.empty),
    ):
        for operation in operations(points):
            tally.tried += 1
            plan(world, operation, kind, times=1)
        runs = 0
        while run().status is not DeploymentStatus.COMPLETED:
            runs += 1
            assert runs <= len(operations(points))
            failed(one, "")
            world.known(one, tally, kind)
        assert runs > 2
        oracle(one, tally, kind)
        world.api.admin("DELETE", "faults")


def test_a_fault_of_aws_that_does_not_pass(world, tally, monkeypatch):
    monkeypatch.setattr(executor, "PATIENCE_SECONDS", 0.1)
    for operation in operations(world.making):
        tally.tried += 1
        one = world.application()
        plan(world, operation, "internal-error")
        one.deploy()
        failed(one, "nternal")
        world.api.admin("DELETE", "faults")
        completes(one.destroy)
        world.empty(one, tally, f"{operation} fails for long")


def test_what_was_just_made_is_not_found_for_a_while(world, tally):
    one = world.application()
    delays(world, visible=10)
    world.api.clock.step = 1
    tally.tried += len(world.making)
    completes(one.deploy)
    delays(world, visible=0)
    world.whole(one, tally, "eventual consistency")
    completes(one.destroy)
    world.empty(one, tally, "eventual consistency")


@pytest.mark.parametrize("operation", ["RunInstances", "CreateDBInstance"])
def test_no_capacity(world, tally, operation):
    one = world.application()
    tally.tried += 1
    plan(world, operation, "no-capacity")
    one.deploy()
    failed(one, "AWS has no such")
    world.known(one, tally, operation)
    world.api.admin("DELETE", "faults")
    completes(one.deploy)
    world.whole(one, tally, f"no capacity for {operation}")
    completes(one.destroy)
    world.empty(one, tally, f"no capacity for {operation}")


def test_what_is_deleted_is_in_use_for_a_while(world, tally):
    one = world.application()
    completes(one.deploy)
    refused = Counter()

    def refuse(model, **_):
        refused[model.name] += 1
        if model.name in IN_USE and refused[model.name] % 2:
            raise refusal(model.name, IN_USE[model.name], "it is in use")

    clients = world.door._clients.values()
    for client in clients:
        client.meta.events.register_first("before-call", refuse)
    completes(one.destroy)
    for client in clients:
        client.meta.events.unregister("before-call", refuse)
    tally.tried += sum(refused[name] // 2 for name in IN_USE)
    assert all(refused[name] > 1 for name in IN_USE)
    world.empty(one, tally, "in use")


@pytest.mark.parametrize("what", ["instance", "db-instance", "load-balancer"])
def test_what_does_not_become_ready(world, tally, monkeypatch, what):
    for module, name in (
        (lifecycle, "RUNNING_SECONDS"),
        (database, "LIMIT_SECONDS"),
        (load_balancer, "ACTIVE_SECONDS"),
    ):
        monkeypatch.setattr(module, name, 0.2)
    one = world.application()
    tally.tried += 1
    delays(world, **{what: FOR_EVER})
    one.deploy()
    failed(one, "in vain")
    world.known(one, tally, what)
    delays(world, **{what: 0})
    world.api.clock.now += FOR_EVER
    completes(one.deploy)
    world.whole(one, tally, f"{what} late")
    completes(one.destroy)
    world.empty(one, tally, f"{what} late")


@pytest.mark.parametrize("what", ["instance", "db-instance"])
def test_what_does_not_go(world, tally, monkeypatch, what):
    monkeypatch.setattr(lifecycle, "TERMINATED_SECONDS", 0.2)
    monkeypatch.setattr(database, "LIMIT_SECONDS", 0.2)
    one = world.application()
    completes(one.deploy)
    tally.tried += 1
    delays(world, **{what: FOR_EVER})
    one.destroy()
    failed(one, "in vain")
    delays(world, **{what: 0})
    world.api.clock.now += FOR_EVER
    completes(one.destroy)
    world.empty(one, tally, f"{what} goes late")
