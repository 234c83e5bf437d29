"""A managed Redis's whole life on a real server: by the Provisioner alone, then with its user."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections import Counter

import pytest

import moto_api
from autodeploy import provisioner
from autodeploy.aws import Cloud
from autodeploy.contracts import TechStack
from autodeploy.lab import client
from autodeploy.settings import Settings
from labkit import api, until
from roadkit import ROOT, autodeploy, deploy, get

pytestmark = pytest.mark.lab
APP = "flask-tally"
LOOK = """
import os, redis, ssl
url = os.environ["REDIS_URL"]
print(redis.Redis.from_url(url).ping())
host, port = url.rpartition("@")[2].partition("/")[0].split(":")
for kwargs in ({}, {"ssl": True}):
    try:
        redis.Redis(host=host, port=int(port), **kwargs).ping()
    except redis.exceptions.RedisError as error:
        print(type(error).__name__)
"""


@pytest.fixture
def controller(lab, tmp_path, monkeypatch):
    """The Provisioner of an application that needs Redis, on the lab."""
    door = Cloud(region=lab.region, endpoint_url=lab.endpoint_url)
    monkeypatch.setattr(moto_api, "cloud", lambda: door)
    made = moto_api.Controller(tmp_path, "tallied")
    made.stack = TechStack(language="python", databases=("redis",))
    return made


@pytest.fixture
def folder(lab, tmp_path):
    """A copy of the example, destroyed in the end."""
    copied = tmp_path / APP
    shutil.copytree(ROOT / "examples/flask-counter", copied)
    yield copied
    autodeploy("destroy", APP, "--yes")


def kinds():
    return Counter(one["kind"] for one in client.snapshot())


def described(cache):
    (found,) = cache.describe_replication_groups()["ReplicationGroups"]
    return found


def host_reaches(spec, folder):
    """Whether the application's host opens a connection to its Redis."""
    (host,) = spec.hosts
    (folder / "known").write_text(f"{host.address} {host.host_key}")
    options = ["-oBatchMode=yes", f"-oUserKnownHostsFile={folder / 'known'}"]
    login = ["ssh", "-i", spec.ssh_key, *options, f"{host.user}@{host.address}"]
    line = f"timeout 2 bash -c ': < /dev/tcp/{spec.cache.host}/{spec.cache.port}'"
    return subprocess.run([*login, line], capture_output=True, check=False).returncode == 0


def becomes_reachable(controller, spec, folder, wanted):
    """That the host reaches it soon, or soon does no longer."""
    with provisioner.admitted(controller.cloud, spec.resources, controller.keys, lambda _: None):
        return until(lambda: host_reaches(spec, folder) is wanted)


def test_it_is_made_mended_changed_and_taken_away(lab, controller, tmp_path):
    before, cache = kinds(), api(lab, "elasticache")
    spec = controller.provision()
    made, ids = described(cache), {one.key: one.id for one in spec.resources}
    assert made["Status"] == "available"
    assert spec.cache.host == made["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    assert becomes_reachable(controller, spec, tmp_path, True)
    cache.modify_replication_group(
        ReplicationGroupId=ids["cache"], SecurityGroupIds=[ids["security-group-app"]]
    )
    assert becomes_reachable(controller, spec, tmp_path, False)
    assert controller.restarted().provision().cache == spec.cache
    assert becomes_reachable(controller, spec, tmp_path, True)

    controller.cloud.calls.clear()
    assert controller.restarted().provision() == spec
    assert moto_api.writes(controller.cloud) == []

    controller.settings = Settings(target="lab", cache_type="cache.t4g.small")
    assert controller.restarted().provision().cache == spec.cache
    assert described(cache)["CacheNodeType"] == "cache.t4g.small"

    controller.restarted().destroy()
    assert kinds() == before


def test_one_that_is_half_made_is_deleted_after_a_crash(lab, controller):
    """Deleted while it is being made: that is refused, and waited for."""
    before = kinds()

    def die(**_):
        raise moto_api.Crash

    crashing = moto_api.hook("after-call.elasticache.CreateReplicationGroup", die)
    with pytest.raises(moto_api.Crash), crashing:
        controller.provision()
    controller.restarted().destroy()
    assert kinds() == before


def post(url, text):
    request = urllib.request.Request(url, text.encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status


def lose_the_token(lab):
    """Somebody deletes the secret; the Redis lives on with what was in it."""
    secrets = api(lab, "secretsmanager")
    for one in secrets.list_secrets()["SecretList"]:
        if one["Name"] == f"autodeploy/{APP}/production/cache":
            secrets.delete_secret(SecretId=one["ARN"], ForceDeleteWithoutRecovery=True)


def test_an_application_counts_and_its_worker_works(lab, folder):
    url = deploy(folder)["url"]
    assert [get(url)[1] for _ in range(2)] == ["You are visitor 1.\n", "You are visitor 2.\n"]
    assert post(f"{url}jobs", "abc") == 202
    until(lambda: json.loads(get(f"{url}done")[1]) == ["cba"])

    (shown,) = autodeploy("env", APP)
    assert shown == {"name": "REDIS_URL", "value": None, "origin": "managed redis"}

    lose_the_token(lab)
    (folder / "look.py").write_text(LOOK)
    assert deploy(folder)["changed"] is True
    assert get(url)[1] == "You are visitor 3.\n"
    done = subprocess.run(
        ["autodeploy", "run", APP, "python look.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "ConnectionError", "AuthenticationError"]
