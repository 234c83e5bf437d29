"""What changes an application that is live makes a release of it; the hosts stand in."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

import moto_api
import storykit
from autodeploy import conductor
from autodeploy.cli import (
    again,
    applications,
    destroy,
    maintenance,
    rollback,
    status,
    wiring,
)
from autodeploy.cli.main import autodeploy
from autodeploy.errors import LeaseHeld, RollbackRefused

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path, monkeypatch):
    with storykit.world(tmp_path) as one:
        monkeypatch.setattr(applications, "store", lambda: one.store)
        monkeypatch.setattr(wiring, "environment", lambda _settings: one.environment)
        (one.repository / "autodeploy.yml").write_text("env: {OPEN: 'yes', A: file}\n")
        one.commit("settings")
        yield one


def run(*words, said=None):
    """What a command prints with --json."""
    words = [*words, "--json"]
    done = CliRunner().invoke(
        autodeploy, words, said, catch_exceptions=False, standalone_mode=False
    )
    return json.loads(done.stdout)


def logged(world):
    """The log of the newest run."""
    return b"".join(world.store.log(world.known.last.id).lines()).decode()


def test_a_secret_makes_a_release_and_without_a_release_the_next_deployment_has_it(world):
    world.deploy()
    made = run("secrets", "set", "shop", "A", said="canary\n")
    assert made["deployment"]["release"] == world.serving
    assert world.given == {"A": "canary"}
    serving = world.serving
    left = run("secrets", "set", "shop", "B", "--no-release", said="canary")
    assert (left["deployment"], world.serving) == (None, serving)
    world.deploy()
    assert world.given == {"A": "canary", "B": "canary"}


def test_the_same_value_after_a_release_that_failed_makes_the_release(world):
    world.deploy()
    world.breaks = {"deployer"}
    assert run("secrets", "set", "shop", "A", said="1")["deployment"]["status"] == "failed"
    world.breaks = set()
    made = run("secrets", "set", "shop", "A", said="1")
    assert (made["changed"], made["deployment"]["status"]) == (False, "completed")
    assert world.given == {"A": "1"}


def test_env_says_where_each_is_from_and_no_secret(world):
    run("secrets", "set", "shop", "A", "--target", "lab", said="canary")
    world.deploy()
    shown = {one["name"]: (one["value"], one["origin"]) for one in run("env", "shop")}
    assert shown["OPEN"] == ("yes", "autodeploy.yml:1")
    assert shown["A"][0] is None
    assert shown["A"][1].startswith("secret of ")
    assert shown["DATABASE_URL"] == shown["PGHOST"] == (None, "managed database")
    assert list(shown) == sorted(shown)


def test_a_restart_is_a_release_and_what_never_lived_cannot_be_restarted(world):
    refused = CliRunner().invoke(autodeploy, ["restart", "shop"])
    assert "no application shop" in str(refused.exception)
    world.deploy()
    before = world.serving
    made = run("restart", "shop")
    assert made["release"] == world.serving != before


def test_of_what_is_no_repository_it_is_said_that_it_is_taken_as_it_is(world):
    (world.repository / ".git").rename(world.folder / "elsewhere")
    world.deploy()
    run("restart", "shop")
    assert "taken as it is now" in logged(world)


def waiting(world, monkeypatch, text, lease=1):
    """Whoever asks for the so many-th lease from now waits for a deployment of another commit."""
    lock, asked = world.store.lease, []

    @contextmanager
    def late(*given):
        asked.append(given)
        if len(asked) == lease:
            world.commit(text)
            world.deploy()
        with lock(*given) as one:
            yield one

    monkeypatch.setattr(world.store, "lease", late)


@pytest.mark.parametrize(
    ("words", "lease"),
    [
        (["restart", "shop"], 1),
        (["scale", "shop", "worker=2"], 1),
        (["secrets", "set", "shop", "A"], 1),
        (["secrets", "set", "shop", "A"], 2),
    ],
)
def test_what_waits_for_another_deployment_is_made_of_what_that_has_left(
    world, monkeypatch, words, lease
):
    (world.repository / "Procfile").write_text("web: gunicorn shop\nworker: work\n")
    world.commit("processes")
    world.deploy()
    waiting(world, monkeypatch, "newer", lease)
    said = "1" if words[0] == "secrets" else None
    assert run(*words, "--lock-wait", "600", said=said)["status"] == "completed"
    commits = [one.commit for one in world.store.states("shop", "production") if one.commit]
    assert world.known.live.commit == commits[-1] == commits[1] != commits[0]
    assert len(commits) == 3


def test_what_has_gone_elsewhere_meanwhile_is_left_alone(world, monkeypatch):
    world.deploy()
    lock = world.store.lease

    @contextmanager
    def late(*given):
        monkeypatch.setattr(world.store, "lease", lock)
        world.destroy()
        with lock(*given) as one:
            yield one

    monkeypatch.setattr(world.store, "lease", late)
    done = CliRunner().invoke(autodeploy, ["restart", "shop"])
    assert "has gone since it was looked at" in str(done.exception)


def test_what_scale_says_holds_over_the_file_which_is_told_and_can_be_taken_back(world):
    (world.repository / "Procfile").write_text("web: x\nworker: work\nclock: tick\n")
    file = world.repository / "autodeploy.yml"
    file.write_text("scale: {clock: 2, worker: 2}\n")
    world.commit("processes")
    world.deploy()
    assert run("scale", "shop", "worker=5")["status"] == "completed"
    world.commit("two")
    world.deploy()
    assert world.scale == {"clock": 2, "worker": 5}
    assert "and not 2 as in autodeploy.yml:1" in logged(world)
    file.write_text("env: {}\n")
    world.commit("the file says nothing")
    world.deploy()
    assert world.scale == {"worker": 5}
    run("scale", "shop", "worker=")
    assert world.scale == {}
    assert "says no number" in str(
        CliRunner().invoke(autodeploy, ["scale", "shop", "worker="]).exception
    )


def test_how_many_run_is_a_release_holds_and_is_shown(world):
    (world.repository / "Procfile").write_text("web: gunicorn shop\nworker: work\nclock: tick\n")
    world.commit("processes")
    world.deploy()
    assert run("scale", "shop") == {"web": 1, "worker": 1, "clock": 1}
    assert run("scale", "shop", "worker=3")["status"] == "completed"
    assert world.scale == {"worker": 3}
    run("scale", "shop", "clock=0")
    assert world.scale == {"worker": 3, "clock": 0}
    world.commit("two")
    world.deploy()
    assert world.scale == {"worker": 3, "clock": 0}
    run("secrets", "set", "shop", "A", said="1")
    assert world.scale == {"worker": 3, "clock": 0}
    assert run("scale", "shop") == {"web": 1, "worker": 3, "clock": 0}


def test_something_is_to_run(world):
    (world.repository / "Procfile").write_text("worker: work\n")
    world.commit("processes")
    world.deploy()
    assert "nothing of shop would run" in run("scale", "shop", "worker=0")["error"]["cause"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("wrker=2", "no process wrker"),
        ("worker", "says no number"),
        ("worker=-1", "says no number"),
        ("worker=51", "at most 50"),
        ("web=2", "--hosts"),
    ],
)
def test_what_cannot_be_is_said(world, said, why):
    (world.repository / "Procfile").write_text("web: gunicorn shop\nworker: work\n")
    world.commit("processes")
    world.deploy()
    serving = world.serving
    done = CliRunner().invoke(autodeploy, ["scale", "shop", said])
    assert why in str(done.exception)
    assert world.serving == serving


def test_who_is_asked_to_remove_it_is_told_of_its_secrets_and_who_undoes_it_is_not(world):
    world.set(A="1", B="2")
    world.deploy()
    assert "and its 2 secrets" in destroy.question(world.known)
    assert "secret" not in destroy.what_goes(world.known)


@pytest.mark.parametrize("words", [["secrets", "set", "shop", "A", "--no-release"], ["deploy"]])
def test_another_region_than_the_application_s_is_refused(world, words):
    world.deploy()
    words = [*words, *([str(world.repository)] if words == ["deploy"] else [])]
    done = CliRunner().invoke(autodeploy, [*words, "--region", "us-west-2"], "1")
    assert f"in {world.known.region}, not in us-west-2" in str(done.exception)
    assert (world.known.secrets, len(world.store.states("shop", "production"))) == (None, 1)


def test_a_rollback_tells_which_secrets_go_back_with_it(world):
    run("secrets", "set", "shop", "A", "--target", "lab", said="old")
    run("secrets", "set", "shop", "SAME", said="as ever")
    world.deploy()
    world.commit("two")
    world.deploy()
    run("secrets", "set", "shop", "A", "--no-release", said="new")
    run("secrets", "set", "shop", "B", "--no-release", said="new")
    way = conductor.what(world.known)
    assert "and the secrets of then (A, B)?" in rollback._question(world.known, way, ["A", "B"])
    done = CliRunner().invoke(
        autodeploy, ["rollback", "shop", "--yes", "--json"], catch_exceptions=False
    )
    assert json.loads(done.stdout)["secrets_back"] == ["A", "B"]
    assert "the secrets of then hold again: A, B" in done.stderr
    assert world.known.secrets.names.keys() == {"A", "SAME"}


def test_a_rollback_is_refused_where_secrets_were_set_since_it_was_asked(world):
    world.deploy()
    world.commit("two")
    world.deploy()
    seen = world.known
    world.set(A="1")
    command = conductor.Command(None, "shop", {}, world.command().settings)
    with pytest.raises(RollbackRefused, match="has changed since"):
        conductor.rollback(command, world.environment, seen)


def test_where_no_release_can_be_made_it_is_said_that_the_secret_is_set(world, monkeypatch):
    world.deploy()

    def refuse(*_given, **_more):
        raise LeaseHeld("somebody is at it")

    monkeypatch.setattr(again, "release", refuse)
    done = CliRunner().invoke(
        autodeploy, ["secrets", "set", "shop", "A", "--json"], "1", standalone_mode=False
    )
    said = json.loads(done.stdout)
    assert [one["name"] for one in said["secrets"]] == ["A"]
    assert (said["status"], said["deployment"]) == ("completed", None)
    assert "somebody is at it" in said["error"]["cause"]
    assert done.return_value == 1


def test_env_shows_no_managed_database_where_a_secret_is_the_address_of_another(world):
    world.deploy()
    run("secrets", "set", "shop", "DATABASE_URL", said="postgresql://u:p@db.example.com/shop")
    assert moto_api.of("AWS::RDS::DBInstance")
    shown = {one["name"]: one["origin"] for one in run("env", "shop")}
    assert "managed database" not in shown.values()
    assert shown["DATABASE_URL"].startswith("secret of ")


def test_status_says_how_maintenance_ends(world):
    world.deploy()
    known = world.known.model_copy(update={"maintenance": True})
    words = re.search("`autodeploy (.*)`", status.standing(known))[1].split()
    context = maintenance.maintenance.make_context("maintenance", words[1:])
    assert (context.params["application"], context.params["environment"]) == ("shop", "production")
