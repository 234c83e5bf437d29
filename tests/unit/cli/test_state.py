"""Where the command line finds the state, and what it shows of who works on what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autodeploy.journal import DirectoryStore, who
from s3kit import PREFIX
from statekit import REST, SAID, created

ROOT = Path(__file__).parents[3]
SHOP = ("shop", "production")


def autodeploy(*arguments, **environ):
    return subprocess.run(
        [sys.executable, "-m", "autodeploy", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        env={**os.environ, **environ},
    )


@pytest.fixture
def store(home):
    home.mkdir()
    return DirectoryStore(home)


def make_newer(journal):
    line = json.loads(journal.path.read_text())
    newer = {"schema_version": 99, "tool_version": "7.0"}
    journal.path.write_text(json.dumps({**line, **newer}) + "\n")


def test_a_log_of_a_newer_version_hides_no_other_application(store):
    make_newer(store.create(**SAID, **REST))
    store.create(**{**SAID, "application": "blog"}, **REST)
    done = autodeploy("status")
    assert done.returncode == 1
    assert "blog " in done.stdout
    assert "autodeploy 7.0 has written" in done.stderr
    shown = json.loads(autodeploy("status", "--json").stdout)
    assert [one["application"] for one in shown] == ["blog", "shop"]
    assert "autodeploy 7.0" in shown[1]["error"]["cause"]
    assert autodeploy("status", "blog").returncode == 0
    assert "autodeploy 7.0 has written" in autodeploy("status", "shop").stderr


def test_an_option_or_a_variable_says_the_bucket(home, s3, tmp_path):
    s3.store(tmp_path / "other").create(**SAID, **REST)
    environ = s3.environ()
    place = environ.pop("AUTODEPLOY_STATE")
    assert "shop" not in autodeploy("status", **environ).stdout
    for option, variable in ((["--state", place], {}), ([], {"AUTODEPLOY_STATE": place})):
        done = autodeploy("status", *option, **environ, **variable)
        assert "shop " in done.stdout, done.stderr
    assert not (home / "deployments").exists()


@pytest.mark.parametrize("place", ["s3://", "s3:/x", "/tmp/x", "s3://bucket/../x", "s3://B/x"])
def test_what_is_no_place_for_state_is_refused(home, place):
    done = autodeploy("status", "--state", place)
    assert done.returncode == 2
    assert "s3://bucket/prefix" in done.stderr


def test_a_bucket_that_is_not_there_is_told(home, s3):
    done = autodeploy("status", "--state", "s3://nothing-there/x", **s3.environ())
    assert done.returncode == 1
    assert "NoSuchBucket" in done.stderr
    assert "aws s3 mb" in done.stderr


def test_from_a_live_process_of_this_machine_nothing_is_taken(store):
    created(store)
    with store.lease(*SHOP, "deploy"):
        done = autodeploy("unlock", "shop", "--yes")
        assert done.returncode == 1
        assert f"{who()} (process {os.getpid()}) works on it since" in done.stderr
        assert f"kill -INT {os.getpid()}" in done.stderr
        assert store.holder(*SHOP)
    done = autodeploy("unlock", "shop")
    assert done.returncode == 0
    assert "nobody works on shop (production)" in done.stderr


def test_a_lease_in_a_bucket_is_taken_away_once_its_owner_was_shown(home, s3, tmp_path):
    store = s3.store(tmp_path / "other")
    store.lease(*SHOP, "deploy").take()
    asked = autodeploy("unlock", "shop", **s3.environ())
    assert asked.returncode == 2
    assert "no terminal" in asked.stderr
    assert store.holder(*SHOP)
    done = autodeploy("unlock", "shop", "--yes", "--json", **s3.environ())
    assert f"(process {os.getpid()})" in done.stderr
    assert json.loads(done.stdout)["was_held_by"]["owner"] == who()
    assert store.holder(*SHOP) is None


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_who_comes_second_is_told_who_is_first_also_after_waiting(home, s3, tmp_path, kind):
    home.mkdir()
    store = s3.store(tmp_path / "other") if kind == "bucket" else DirectoryStore(home)
    environ = s3.environ() if kind == "bucket" else {}
    store.create(**SAID, **{**REST, "target": "ssh"})
    with store.lease(*SHOP, "deploy"):
        done = autodeploy("destroy", "shop", "--yes", "--lock-wait", "1", **environ)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count(f"{who()} (process {os.getpid()}) works on it") == 2
    assert "waiting up to 1 s" in done.stderr
    assert len(store.ids()) == 1
    done = autodeploy("destroy", "shop", "--yes", **environ)
    assert done.returncode == 0, done.stderr
    assert store.state(store.ids()[1]).operation == "destroy"


def test_a_prefix_is_a_place_of_its_own(s3, tmp_path):
    s3.store(tmp_path).create(**SAID, **REST)
    listed = s3.cloud.s3().list_objects_v2(Bucket=s3.bucket)["Contents"]
    assert all(one["Key"].startswith(f"{PREFIX}/deployments/") for one in listed)


def test_the_policy_for_hosts_that_exist_is_that_for_the_state_alone(home, s3):
    where = ("--target", "ssh", "--host", "admin@192.0.2.1")
    done = autodeploy("iam-policy", str(ROOT / "examples/go-hello"), *where, **s3.environ())
    (kept, *_) = json.loads(done.stdout)["Statement"]
    assert kept["Resource"] == f"arn:aws:s3:::{s3.bucket}/{PREFIX}/*"
    assert "ec2:" not in done.stdout
