"""What can be undone by a rollback, and what is refused before anything is done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autodeploy.conductor.before import is_known_well
from autodeploy.conductor.way import Removal, what
from autodeploy.contracts import (
    ApplicationState,
    DeploymentState,
    DeploymentStatus,
    Host,
)
from autodeploy.errors import RollbackRefused
from statekit import running

HOST = Host(name="host-1", address="192.0.2.1", instance_id="i-1", host_key="ssh-ed25519 AAAA")
OTHER = HOST.model_copy(update={"instance_id": "i-2"})
MOVED = HOST.model_copy(update={"address": "192.0.2.9"})
SECOND = HOST.model_copy(update={"name": "host-2", "instance_id": "i-3"})
WHERE = {"application": "shop", "environment": "production", "target": "lab"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def config(release, url="http://192.0.2.1/", balancer=None):
    return running(release, url=url, load_balancer=balancer)


def run(name, deployment, hosts=(HOST,)):
    done = {"status": DeploymentStatus.COMPLETED, "created_at": NOW}
    more = {"deployment": deployment, "hosts": hosts}
    return DeploymentState(id=name, operation="deploy", **WHERE, **done, **more)


def known(before, live, hosts=(HOST,), touched=False, **more):
    return ApplicationState(
        **WHERE,
        status="active",
        region=None,
        resources=(),
        hosts=hosts,
        occupied=hosts,
        live=live,
        change=live,
        earlier=(before,) if before else (),
        touched=touched,
        last=live,
        **more,
    )


def test_it_leads_from_the_newest_change_to_the_release_before():
    way = what(known(run("1", config("a")), run("2", config("b"))))
    assert (way.change.id, way.release.release, way.present.release) == ("2", "a", "b")


def test_an_address_that_a_host_has_anew_is_no_obstacle():
    live = run("2", config("b", "http://192.0.2.9/"), (MOVED,))
    way = what(known(run("1", config("a")), live, (MOVED,)))
    assert way.present.url == "http://192.0.2.9/"


@pytest.mark.parametrize(
    ("live", "hosts", "why"),
    [
        (config("b"), (OTHER,), "hosts are others"),
        (config("b"), (HOST, SECOND), "hosts are others"),
        (config("b", None), (HOST,), "another way"),
        (config("b", "tcp://192.0.2.1:7007"), (HOST,), "another way"),
        (config("b", "http://balancer/", "balancer"), (HOST,), "another way"),
        (config("b", "https://shop.example.com/", "balancer"), (HOST,), "another way"),
    ],
)
def test_what_a_rollback_cannot_undo_is_refused(live, hosts, why):
    with pytest.raises(RollbackRefused, match=why):
        what(known(run("1", config("a")), run("2", live, hosts), hosts))


def test_a_first_deployment_is_removed():
    first = run("1", config("a"))
    assert what(known(None, first, is_first=True)) == Removal(first, ())


def test_one_that_found_what_another_made_is_not():
    with pytest.raises(RollbackRefused, match="found what earlier deployments"):
        what(known(None, run("2", config("a"))))


def test_a_release_that_is_named_must_have_completed_before():
    state = known(run("1", config("a")), run("2", config("b")))
    assert what(state, "a") == what(state)
    for release in ("b", "c"):
        with pytest.raises(RollbackRefused, match=f"no release {release} .* has completed"):
            what(state, release)


def test_migrations_since_the_release_are_told_each_once():
    ran = {"1": "migrate", "2": "migrate", "3": "migrate --all", "4": "migrate"}
    state = known(run("2", config("a")), run("4", config("b")), migrations=ran)
    assert what(state).migrations == ("migrate --all", "migrate")


def test_what_is_half_removed_is_neither_undone_nor_served_from():
    last = run("3", None).model_copy(update={"operation": "destroy", "status": "failed"})
    state = known(run("1", config("a")), run("2", config("b"))).model_copy(update={"last": last})
    with pytest.raises(RollbackRefused, match="half removed"):
        what(state)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/", "http://balancer/", None, "tcp://192.0.2.1:7007"]
)
@pytest.mark.parametrize("touched", [False, True])
def test_hosts_that_a_later_run_has_come_to_are_not_known(url, touched):
    live = run("1", config("a", url))
    assert is_known_well(known(None, live, touched=touched)) is not touched


def test_other_hosts_than_the_releases_are_not_known():
    assert is_known_well(known(None, run("1", config("a")), (HOST, SECOND))) is False
