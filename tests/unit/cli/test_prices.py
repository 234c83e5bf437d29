"""`prices` and `cost`, with the lab's price list as AWS's."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import strictkit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with strictkit.serving(tmp_path_factory.mktemp("api")) as serving:
        yield serving


@pytest.fixture
def autodeploy(api, home):
    aws = {
        "AWS_ENDPOINT_URL": api.url,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
    }

    def run(*arguments, region="eu-central-1"):
        return subprocess.run(
            [sys.executable, "-m", "autodeploy", *arguments],
            env={**os.environ, **aws, "AWS_DEFAULT_REGION": region},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    return run


def listed(done):
    return {
        name: one
        for source in json.loads(done.stdout)["sources"]
        for name, one in source["prices"].items()
    }


def test_a_refreshed_list_holds_and_one_that_is_refused_changes_nothing(autodeploy, home):
    shipped = listed(autodeploy("prices", "show", "--json"))
    assert shipped["instance/t3.small"] == "0.024"
    assert "balancer" not in shipped
    done = autodeploy("prices", "refresh", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["region"] == "eu-central-1"
    assert said["prices"] > 30
    fresh = autodeploy("prices", "show")
    assert "balancer" in fresh.stdout
    assert "AWS's Pricing API" in fresh.stderr
    refused = autodeploy("prices", "refresh", "--region", "eu-north-1")
    assert refused.returncode == 1
    assert "is not in its form" in refused.stderr
    assert "Traceback" not in refused.stderr
    north = listed(autodeploy("prices", "show", "--region", "eu-north-1", "--json"))
    assert north["instance/t3.small"] == "0.0216"
    assert [one.name for one in (home / "prices").iterdir()] == ["eu-central-1.json"]


def test_a_region_that_is_none_and_none_at_all(autodeploy):
    done = autodeploy("prices", "show", "--region", "eu-south-9")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no region eu-south-9" in done.stderr
    known = autodeploy("prices", "show", "--region", "ap-southeast-5")
    assert known.returncode == 0
    assert "no prices are known in ap-southeast-5" in known.stderr
    told = autodeploy("prices", "show", region="")
    assert told.returncode == 1
    assert "--target lab" in told.stderr


def test_hosts_that_exist_have_none(autodeploy):
    assert autodeploy("prices", "show", "--target", "ssh").returncode == 2


def test_where_nothing_is_deployed_nothing_costs(autodeploy):
    done = autodeploy("cost")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing is deployed" in done.stderr
    assert json.loads(autodeploy("cost", "--json").stdout) == []
    assert autodeploy("cost", "nothing").returncode == 1
