"""What all runs of an application together left."""

from __future__ import annotations

import pytest

from autodeploy.contracts import (
    CommandLine,
    DeploymentStatus,
    ErrorReport,
    Host,
    SecretVersion,
    TechStack,
)
from autodeploy.journal.events import (
    CloudOpened,
    CommandGiven,
    Failed,
    HostPrepared,
    HostsKnown,
    MaintenanceSet,
    ReleaseActivated,
    ResourceDone,
    ResourceIntended,
    RollbackBegun,
    SecretsChanged,
    SourceRead,
    StatusChanged,
)
from autodeploy.provisioner.kinds import LoadBalancer
from statekit import created, running

BALANCER = LoadBalancer.type

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")


@pytest.fixture
def run(store):
    def one(
        operation,
        status,
        *,
        target="lab",
        up=False,
        hosts=(),
        flags=None,
        domain=None,
        resource=None,
    ):
        journal = created(store, operation=operation, target=target)
        journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
        if up:
            journal.write(CloudOpened(region="eu-west-1"))
            journal.write(
                ResourceDone(action="create", key="vpc", type="AWS::EC2::VPC", id="vpc-1")
            )
            journal.write(HostsKnown(hosts=(HOST,)))
            journal.write(ReleaseActivated(deployment=running(journal.state.id)))
        if flags is not None:
            journal.write(CloudOpened(region="eu-west-1", flags=flags))
        if hosts:
            known = (HOST.model_copy(update={"address": address}) for address in hosts)
            journal.write(HostsKnown(hosts=tuple(known)))
        if domain:
            said = {"domain": domain}
            journal.write(SourceRead(commit=None, stack=TechStack(), settings=said))
        if resource:
            journal.write(ResourceDone(action="create", key="x", type=resource, id="x"))
        journal.write(StatusChanged(status=status))
        return journal.state

    return one


def left(store):
    return store.application("shop", "production")


def test_nothing_is_known_of_what_never_was(store):
    assert left(store) is None


def test_a_failed_run_does_not_hide_what_is_up(store, run):
    live = run("deploy", DeploymentStatus.COMPLETED, up=True)
    failed = run("deploy", DeploymentStatus.FAILED, target="aws")
    known = left(store)
    assert (known.status, known.target, known.region) == ("active", "lab", "eu-west-1")
    assert known.hosts == (HOST,)
    assert [one.id for one in known.resources] == ["vpc-1"]
    assert (known.live, known.last) == (live, failed)


def test_what_was_destroyed_is_gone_from_sight(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    run("destroy", DeploymentStatus.COMPLETED)
    known = left(store)
    assert known.status == "destroyed"
    assert (known.live, known.hosts, known.resources) == (None, (), ())


def test_a_destroy_that_failed_leaves_it_in_sight(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    run("destroy", DeploymentStatus.FAILED)
    known = left(store)
    assert known.status == "destroy_failed"
    assert [one.id for one in known.resources] == ["vpc-1"]


def test_after_a_destroy_it_can_be_deployed_again(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    run("destroy", DeploymentStatus.COMPLETED)
    again = run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert left(store).live == again


def test_hosts_stay_occupied_until_a_run_completes_without_them(store, run):
    """A run that failed may have begun on hosts that the next one does not name."""
    run("deploy", DeploymentStatus.COMPLETED, hosts=("a", "b"))
    run("deploy", DeploymentStatus.FAILED, hosts=("b", "c"))
    run("deploy", DeploymentStatus.FAILED)
    assert [host.address for host in left(store).occupied] == ["a", "b", "c"]
    run("deploy", DeploymentStatus.COMPLETED, hosts=("b",))
    assert [host.address for host in left(store).occupied] == ["b"]
    run("destroy", DeploymentStatus.FAILED)
    assert [host.address for host in left(store).occupied] == ["b"]
    run("destroy", DeploymentStatus.COMPLETED)
    assert left(store).occupied == ()


def test_a_domain_is_remembered_until_a_run_completes_without_it(store, run):
    """Its record leads to a host's address, which another customer may have tomorrow."""
    run("deploy", DeploymentStatus.COMPLETED, domain="a.example")
    run("deploy", DeploymentStatus.FAILED, domain="b.example")
    run("deploy", DeploymentStatus.FAILED, domain="c.example")
    assert left(store).domains == ("a.example", "b.example", "c.example")
    run("deploy", DeploymentStatus.COMPLETED, domain="c.example")
    assert left(store).domains == ("c.example",)
    run("destroy", DeploymentStatus.FAILED)
    assert left(store).domains == ("c.example",)
    run("destroy", DeploymentStatus.COMPLETED)
    assert left(store).domains == ()


def test_a_load_balancers_domain_is_no_hosts(store, run):
    run("deploy", DeploymentStatus.COMPLETED, domain="a.example", resource=BALANCER)
    assert left(store).domains == ()


def note(store, *events):
    """A deployment that has failed after these events."""
    journal = created(store)
    for event in events:
        journal.write(event)


def done(action, key="host-2"):
    return ResourceDone(action=action, key=key, type="AWS::EC2::Instance", id=f"i-{key}-{action}")


def test_what_a_run_took_away_is_gone_though_the_run_failed_then(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    note(store, done("create"))
    assert [one.key for one in left(store).resources] == ["vpc", "host-2"]
    note(store, done("delete"))
    assert [one.key for one in left(store).resources] == ["vpc"]


def test_what_was_replaced_is_there_as_the_new_one(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    note(store, done("none"), done("delete"), done("create"))
    assert [one.id for one in left(store).resources] == ["vpc-1", "i-host-2-create"]


def test_what_the_hosts_are_made_from_is_known_from_the_newest_run_that_knew_them(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert left(store).host_settings == {}
    note(store, HostsKnown(hosts=(HOST,), host_settings={"image": "debian-13"}))
    note(store)
    assert left(store).host_settings == {"image": "debian-13"}


def test_what_a_failed_run_was_told_holds_until_something_is_up(store, run):
    run("deploy", DeploymentStatus.FAILED, flags={"hosts": 2})
    assert left(store).flags == {"hosts": 2}
    run("deploy", DeploymentStatus.COMPLETED, flags={"hosts": 3})
    run("deploy", DeploymentStatus.FAILED, flags={"hosts": 3, "instance_type": "t9.mega"})
    run("deploy", DeploymentStatus.COMPLETED)
    assert left(store).flags == {"hosts": 3}


def undone(store, state, good=True):
    """A rollback of `state`."""
    journal = store.open(state.id)
    journal.write(StatusChanged(status=DeploymentStatus.ROLLING_BACK))
    after = DeploymentStatus.ROLLED_BACK if good else DeploymentStatus.ROLLBACK_FAILED
    journal.write(StatusChanged(status=after))


def went_back(store, state, leads_to):
    """A rollback of `state` to a run, or to nothing, that has ended well."""
    journal = store.open(state.id)
    journal.write(StatusChanged(status=DeploymentStatus.ROLLING_BACK))
    journal.write(RollbackBegun(leads_to=leads_to and leads_to.id))
    journal.write(StatusChanged(status=DeploymentStatus.ROLLED_BACK))


def test_a_rollback_to_an_older_release_undoes_all_since(store, run):
    first, second = (run("deploy", DeploymentStatus.COMPLETED, up=True) for _ in range(2))
    run("deploy", DeploymentStatus.FAILED)
    fourth = run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert [one.id for one in left(store).earlier] == [second.id, first.id]
    went_back(store, fourth, first)
    assert seen(store) == (first.id, first.id, None)
    assert left(store).is_first


def test_a_first_deployment_that_was_undone_leaves_nothing(store, run):
    run("deploy", DeploymentStatus.FAILED)
    first = run("deploy", DeploymentStatus.COMPLETED, up=True, flags={"hosts": 2})
    assert left(store).is_first
    went_back(store, first, None)
    known = left(store)
    assert (known.live, known.change, known.hosts, known.resources) == (None, None, (), ())
    assert known.flags == {}
    run("deploy", DeploymentStatus.FAILED)
    assert left(store).is_first


def test_one_that_found_what_another_made_is_not_the_first(store, run):
    run("deploy", DeploymentStatus.FAILED, up=True)
    run("deploy", DeploymentStatus.FAILED, up=True)
    assert not left(store).is_first


def begun(store):
    """The journal of a deployment that runs."""
    journal = created(store)
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    return journal


def unchanged(store, state):
    """A deployment that found `state`'s release up, and changed nothing."""
    journal = begun(store)
    journal.write(ReleaseActivated(deployment=state.deployment))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED, changed=False))
    return journal.state


def test_a_rollback_leads_to_the_release_before(store, run):
    first, second, third = (run("deploy", DeploymentStatus.COMPLETED, up=True) for _ in range(3))
    twin = unchanged(store, third)
    assert seen(store) == (twin.id, third.id, second.id)
    undone(store, third)
    assert seen(store) == (second.id, second.id, first.id)
    undone(store, second)
    assert seen(store) == (first.id, first.id, None)
    fourth = run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert seen(store) == (fourth.id, fourth.id, first.id)


@pytest.mark.parametrize("status", [DeploymentStatus.FAILED, DeploymentStatus.CANCELLED])
def test_a_rollback_of_what_failed_leads_to_what_is_up(store, run, status):
    first = run("deploy", DeploymentStatus.COMPLETED, up=True)
    failed = run("deploy", status)
    assert seen(store) == (first.id, failed.id, first.id)
    undone(store, failed)
    assert seen(store) == (first.id, first.id, None)


def test_a_rollback_that_failed_can_be_tried_again(store, run):
    first, second = (run("deploy", DeploymentStatus.COMPLETED, up=True) for _ in range(2))
    undone(store, second, good=False)
    assert seen(store) == (first.id, second.id, first.id)


def seen(store):
    """What is live, what would be undone, and what that leads to."""
    known = store.application("shop", "production")
    first = next(iter(known.earlier), None)
    return tuple(one and one.id for one in (known.live, known.change, first))


def test_a_rollback_leads_past_all_that_had_the_release(store, run):
    first = run("deploy", DeploymentStatus.COMPLETED, up=True)
    second = run("deploy", DeploymentStatus.COMPLETED, up=True)
    same = begun(store)
    same.write(ReleaseActivated(deployment=second.deployment))
    same.write(StatusChanged(status=DeploymentStatus.COMPLETED, changed=True))
    assert seen(store) == (same.state.id, same.state.id, first.id)
    undone(store, same.state)
    assert seen(store) == (first.id, second.id, None)


def test_a_rollback_whose_controller_was_killed_is_not_passed_over(store, run):
    first, second = (run("deploy", DeploymentStatus.COMPLETED, up=True) for _ in range(2))
    store.open(second.id).write(StatusChanged(status=DeploymentStatus.ROLLING_BACK))
    assert seen(store) == (first.id, second.id, first.id)


def test_a_rollback_ends_without_the_error_that_it_undid(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    journal = begun(store)
    report = {"agent": "sheriff", "step": None, "host": None, "message": "m", "cause": None}
    journal.write(Failed(error=ErrorReport(**report, remediation="r")))
    journal.write(StatusChanged(status=DeploymentStatus.FAILED))
    undone(store, journal.state)
    assert store.state(journal.state.id).error is None


def test_what_was_told_and_where_it_lives_outlast_a_run_that_changed_nothing(store, run):
    first = run("deploy", DeploymentStatus.COMPLETED, up=True, flags={"hosts": 3})
    unchanged(store, first)
    known = store.application("shop", "production")
    assert (known.flags, known.region) == ({"hosts": 3}, "eu-west-1")


def test_a_run_that_reached_the_hosts_has_touched_them(store, run):
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert left(store).touched is False
    run("deploy", DeploymentStatus.FAILED)
    assert left(store).touched is False
    run("deploy", DeploymentStatus.FAILED, hosts=("192.0.2.1",))
    assert left(store).touched is True


@pytest.mark.parametrize("hosts", [(), ("192.0.2.1",)])
def test_what_a_run_was_to_refresh_is_not_known(store, run, hosts):
    first = store.open(run("deploy", DeploymentStatus.COMPLETED, up=True).id)
    for name in ("host-1", "database"):
        first.write(HostPrepared(host=name, fingerprint="old"))
    second = store.open(run("deploy", DeploymentStatus.FAILED, hosts=hosts).id)
    second.write(CommandGiven(command=CommandLine(refresh=True)))
    known = {"host-1": "old", "database": "old"}
    assert left(store).prepared == ({} if hosts else known)
    second.write(HostPrepared(host="host-1", fingerprint="new"))
    assert left(store).prepared == ({} if hosts else known) | {"host-1": "new"}


def test_what_a_killed_run_took_away_is_not_there_after_the_next_one(run, store):
    """It wrote its intent and no more; the next run has listed all that there is."""
    earlier = store.open(run("deploy", DeploymentStatus.FAILED, up=True).id)
    earlier.write(ResourceDone(action="create", key="host-2", type="AWS::EC2::Instance", id="i-2"))
    assert [one.key for one in left(store).resources] == ["vpc", "host-2"]
    run("deploy", DeploymentStatus.COMPLETED)
    assert [one.key for one in left(store).resources] == ["vpc", "host-2"]
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert [one.key for one in left(store).resources] == ["vpc"]


def test_maintenance_holds_over_deployments_until_it_is_ended_or_all_is_removed(run, store):
    first = run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert left(store).maintenance is False
    store.open(first.id).write(MaintenanceSet(shown=True))
    second = run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert left(store).maintenance is True
    store.open(second.id).write(MaintenanceSet(shown=False))
    assert left(store).maintenance is False
    store.open(second.id).write(MaintenanceSet(shown=True))
    run("destroy", DeploymentStatus.COMPLETED)
    run("deploy", DeploymentStatus.COMPLETED, up=True)
    assert left(store).maintenance is False


@pytest.mark.parametrize("is_killed", [False, True])
def test_where_only_secrets_are_there_they_say_where_it_is(store, run, is_killed):
    """Attempts elsewhere that came to nothing do not, neither before nor after."""
    run("deploy", DeploymentStatus.FAILED, target="aws", flags={})
    journal = created(store, operation="configure", target="ssh")
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(ResourceIntended(action="create", key="variables", type="x", token="v1"))
    if not is_killed:
        made = SecretVersion(version="v1", number=1, id=None, names={})
        journal.write(SecretsChanged(secrets=made))
        journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))
    run("deploy", DeploymentStatus.FAILED, target="aws", flags={})
    known = left(store)
    assert (known.target, known.region, known.account) == ("ssh", None, None)


def test_what_is_there_says_where_it_is_and_no_attempt_in_another_region(store, run):
    run("deploy", DeploymentStatus.COMPLETED, target="aws", up=True)
    journal = created(store, target="aws", region="us-east-1")
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(CloudOpened(region="us-east-1", account="1"))
    journal.write(StatusChanged(status=DeploymentStatus.FAILED))
    assert left(store).region == "eu-west-1"
