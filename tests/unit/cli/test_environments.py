"""Environments for a time: shown, prolonged, and removed once past it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

import storykit
from autodeploy import conductor
from autodeploy.cli import wiring
from autodeploy.cli.environments import environments
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import NetworkInUse, UsageError
from autodeploy.settings import Settings, load

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path, monkeypatch):
    with storykit.world(tmp_path) as one:
        monkeypatch.setenv("AUTODEPLOY_HOME", str(one.store.root))
        monkeypatch.setattr(wiring, "environment", lambda _: one.environment)
        yield one


def run(*arguments):
    done = CliRunner().invoke(environments, arguments, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.return_value or 0, done.stdout


def known(world, where):
    return world.store.application("shop", where)


def later(monkeypatch, **span):
    """Let it be that much later."""

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(**span)

    monkeypatch.setattr("autodeploy.cli.environments.datetime", Later)


def test_a_deployment_says_how_long_and_the_next_one_prolongs(world):
    first = world.deploy(environment="pr-42", ttl="3d")
    wanted = conductor.expiry(known(world, "pr-42"))
    assert wanted.until == first.created_at + timedelta(days=3)
    again = world.deploy(environment="pr-42")
    assert again.id != first.id
    assert conductor.expiry(known(world, "pr-42")).until == again.created_at + timedelta(days=3)
    world.deploy(environment="pr-42", ttl="")
    assert conductor.expiry(known(world, "pr-42")) is None


def test_only_what_is_past_its_time_goes(world, monkeypatch):
    world.deploy(database=False)
    world.deploy(environment="pr-1", ttl="2h", database=False)
    world.deploy(environment="pr-2", ttl="3d", database=False)
    assert run("reap", "--yes", "--json") == (0, "[]\n")
    later(monkeypatch, hours=3)
    code, said = run("reap", "--yes", "--json")
    assert code == 0
    assert [(one["environment"], one["status"]) for one in json.loads(said)] == [
        ("pr-1", "completed")
    ]
    shown = json.loads(run("ls", "--json")[1])
    assert [one["environment"] for one in shown] == ["pr-2", "production"]
    assert [one["ttl"] for one in shown] == ["3d", None]


def test_what_has_no_end_has_none_in_the_table(world):
    world.deploy(database=False)
    world.deploy(environment="pr-1", ttl="3d", database=False)
    titles, first, second = run("ls")[1].splitlines()
    assert "wanted until (UTC)  deployed" in titles
    assert first.split()[:2] == ["shop", "pr-1"]
    assert [*second.split()[:2], second.split()[3]] == ["shop", "production", "-"]
    assert second.split()[5] == "ago"


def test_data_stays_until_somebody_agrees(world, monkeypatch):
    world.deploy(environment="pr-1", ttl="2h")
    later(monkeypatch, hours=3)
    code, said = run("reap", "--yes", "--json")
    assert (code, json.loads(said)[0]["status"]) == (0, "kept")
    assert known(world, "pr-1").resources
    run("reap", "--yes", "--yes-data")
    assert not known(world, "pr-1").resources


def test_where_one_fails_the_others_go_and_it_is_told(world, monkeypatch):
    for name in ("pr-1", "pr-2"):
        world.deploy(environment=name, ttl="2h", database=False)
    later(monkeypatch, hours=3)
    with world.store.lease("shop", "pr-1", "deploy", 0):
        code, said = run("reap", "--yes", "--json")
    assert code == 1
    ended = {one["environment"]: one["status"] for one in json.loads(said)}
    assert ended == {"pr-1": "failed", "pr-2": "completed"}
    assert known(world, "pr-1").resources


def test_it_asks_before(world, monkeypatch):
    world.deploy(environment="pr-1", ttl="2h", database=False)
    later(monkeypatch, hours=3)
    with pytest.raises(UsageError, match=r"Remove shop \(pr-1\)"):
        run("reap")


def test_a_guest_lives_in_the_network_of_another_and_keeps_it(world):
    world.deploy(database=False)
    state = world.deploy(environment="pr-1", network_of="production", database=False)
    assert state.status is DeploymentStatus.COMPLETED, state.error
    assert not [one for one in state.resources if one.type == "AWS::EC2::VPC"]
    settings = load({"target": "lab"})
    destroying = conductor.Command(None, "shop", {}, settings)
    with pytest.raises(NetworkInUse, match="pr-1"):
        conductor.destroy(destroying, world.environment)
    assert known(world, "production").last.operation == "deploy"
    # What the state keeps of its settings is taken again.
    Settings(**state.settings, environment="pr-1", target="lab")
    guest = conductor.Command(None, "shop", {}, load({"target": "lab", "environment": "pr-1"}))
    conductor.destroy(guest, world.environment)
    assert conductor.destroy(destroying, world.environment).status is DeploymentStatus.COMPLETED
    assert not known(world, "production").resources


def test_a_network_that_is_none_is_refused(world):
    failed = world.deploy(environment="pr-1", network_of="production")
    assert "has no network" in failed.error.message


def test_two_networks_are_refused(world):
    world.deploy(database=False)
    two = {"network_of": "production", "vpc_id": "vpc-0a1b2c3d"}
    failed = world.deploy(environment="pr-1", **two)
    assert "is not the network of production" in failed.error.message


@pytest.mark.parametrize(
    "said", [{"ttl": "3w"}, {"ttl": "0d"}, {"network_of": "production"}, {"network_of": "A b"}]
)
def test_what_is_no_time_or_no_other_environment_is_refused(said):
    with pytest.raises(ValueError, match=next(iter(said))):
        Settings(**said)


def test_it_is_in_order_that_a_host_network_goes_last(world):
    world.deploy(ttl="2h", database=False)
    world.deploy(environment="pr-1", network_of="production", ttl="2h", database=False)
    states = [known(world, one) for one in ("production", "pr-1")]
    late = conductor.overdue(states, datetime.now(UTC) + timedelta(hours=3))
    assert [one.environment for one in late] == ["pr-1", "production"]
