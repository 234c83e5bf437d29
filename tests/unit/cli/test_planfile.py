"""`plan --out` and `deploy --plan`, from end to end but for hosts: what is refused is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from git import Actor, Repo

import strictkit
from autodeploy.cli import planfile
from autodeploy.errors import UsageError

ME = Actor("me", "me@example.org")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    with strictkit.serving(tmp_path_factory.mktemp("api")) as serving:
        yield serving


@pytest.fixture
def api(serving):
    serving.admin("POST", "reset")
    return serving


@pytest.fixture
def shop(home, tmp_path):
    """A repository of a static site."""
    repo = Repo.init(tmp_path / "shop")
    commit(repo, "index.html")
    return repo


def commit(repo, name):
    with open(f"{repo.working_dir}/{name}", "w") as file:  # noqa: PTH123
        file.write(f"<h1>{name}</h1>")
    repo.index.add([name])
    return repo.index.commit(name, author=ME, committer=ME).hexsha


@pytest.fixture
def autodeploy(api, shop):
    """A command on that repository, with the lab's API as AWS."""
    aws = {
        "AWS_ENDPOINT_URL": api.url,
        "AWS_DEFAULT_REGION": strictkit.REGION,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
    }

    def run(command, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "autodeploy", command, shop.working_dir, *map(str, arguments)],
            env={**os.environ, **aws},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    return run


@pytest.fixture
def kept(autodeploy, tmp_path):
    """The file of a plan."""
    path = tmp_path / "plan.json"
    done = autodeploy("plan", "--json", "--out", path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["summary"] == {"create": 11}
    return path


@pytest.fixture
def refusal(autodeploy, api):
    """Why `deploy` refuses a plan; nothing was made."""

    def of(plan, *arguments, code=3):
        before = api.admin("GET", "snapshot")
        done = autodeploy("deploy", "--json", "--plan", plan, *arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        assert api.admin("GET", "snapshot") == before
        return json.loads(done.stdout)["error"]["cause"]

    return of


def test_the_file_says_what_it_is_of(kept, shop):
    saved = json.loads(kept.read_text())
    assert saved["version"] == 1
    assert saved["subject"]["application"] == "shop"
    assert saved["subject"]["account"] == "123456789012"
    assert saved["subject"]["commit"] == shop.head.commit.hexsha
    assert {one["action"] for one in saved["plan"]["actions"]} == {"create"}


def test_the_world_has_changed_since(refusal, kept, api):
    tags = {
        "managed-by": "autodeploy",
        "application": "shop",
        "environment": "production",
        "deployment": "another",
        "resource": "vpc",
    }
    pairs = [{"Key": f"autodeploy:{key}", "Value": value} for key, value in tags.items()]
    made = api.client("ec2").create_vpc(
        CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": pairs}]
    )["Vpc"]["VpcId"]
    told = refusal(kept)
    assert told.startswith("what exists is no longer what the plan was made from")
    assert f"vpc: create (does not exist) then, none {made} (is as it should be) now" in told


def test_another_commit_application_and_settings(refusal, kept, shop):
    commit(shop, "more.html")
    assert "application: shop, not other" in refusal(kept, "--name", "other", "--hosts", "2")
    told = refusal(kept, "--hosts", "2")
    assert told.startswith("the plan is not of this deployment")
    assert f"not {shop.head.commit.hexsha}" in told
    assert "hosts: 1, not 2" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Invalid JSON"),
        ("[]", "object"),
        ('{"version": 2}', "version: "),
        ("{}", "subject: Field required"),
        ('{"x": "' + "y" * 1024 * 1024 + '"}', "larger than any plan"),
        ("\0\udcff", "is no plan"),
    ],
    ids=["empty", "list", "newer", "nothing in it", "huge", "not text"],
)
def test_a_file_that_is_no_plan(tmp_path, text, told):
    path = tmp_path / "plan.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError) as caught:
        planfile.read(path)
    assert told in str(caught.value)
    assert "autodeploy plan" in caught.value.remediation


@pytest.mark.parametrize("name", ["pipe", "link", "/dev/null"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with pytest.raises(UsageError, match="is no regular file"):
        planfile.read(tmp_path / name)


def test_what_cannot_be_meant(refusal, autodeploy, kept):
    assert autodeploy("deploy", "--what-if", "--plan", kept).returncode == 2
    kept.write_text(kept.read_text()[:-20])
    assert "no plan that this version knows" in refusal(kept, code=2)
    assert autodeploy("deploy", "--plan", kept.with_name("none")).returncode == 2
    done = autodeploy("plan", "--out", kept / "plan.json")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_people_see_what_is_made_and_what_is_destroyed(autodeploy, api):
    lines = autodeploy("plan").stdout.splitlines()
    assert lines[0].startswith("shop (production) on aws, us-east-1, account 123456789012, commit ")
    assert "to create" in lines
    assert lines[-1] == "11 to create"
    release = next(number for number, line in enumerate(lines) if line.startswith("release: "))
    assert lines[release].startswith("release: the first one, of commit ")
    (above,) = [number for number, line in enumerate(lines) if line.startswith("cost in a month")]
    assert "host-1" in lines[above - 2]
    told = [line.partition(":")[0] for line in lines[release + 2 : -2] if line[0] != " "]
    assert told == ["work", "time", "downtime", "IAM", "rollback"]
    assert "work: first deployment, 1 host, hardened" in lines
    assert "rollback: removes all 11 resources" in lines


def test_a_plan_has_its_cost_and_a_limit_refuses_the_deployment(autodeploy, api):
    plan = json.loads(autodeploy("plan", "--json").stdout)
    # 730 x (0.0104 + 0.005) + 10 x 0.08 + 10 x 0.09, from the shipped list
    assert plan["monthly_cost"] == 12.94
    assert plan["cost"]["before"]["monthly"] == 0
    assert plan["cost"]["refused"] is False
    dear = autodeploy("deploy", "--what-if", "--max-monthly-cost", "12", "--json")
    assert json.loads(dear.stdout)["cost"]["refused"] is True
    done = autodeploy("deploy", "--max-monthly-cost", "12", "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert "12.94 USD a month, and the limit is 12.00; nothing was made" in error["cause"]
    assert "--max-monthly-cost" in error["remediation"]
    left = {one["kind"] for one in api.admin("GET", "snapshot") if "autodeploy" in str(one)}
    assert left == set()
