"""A managed database's whole life, by the Provisioner alone, on a real server."""

from __future__ import annotations

import subprocess
from collections import Counter

import pytest

import moto_api
from autodeploy import provisioner
from autodeploy.aws import Cloud
from autodeploy.contracts import TechStack
from autodeploy.lab import client
from autodeploy.settings import Settings
from labkit import api, until

pytestmark = pytest.mark.lab

ENGINES = {"postgresql": "postgres", "mysql": "mysql"}


@pytest.fixture
def controller(lab, tmp_path, monkeypatch):
    """The Provisioner of an application, on the lab."""
    door = Cloud(region=lab.region, endpoint_url=lab.endpoint_url)
    monkeypatch.setattr(moto_api, "cloud", lambda: door)
    return moto_api.Controller(tmp_path, "provisioned")


def kinds():
    return Counter(one["kind"] for one in client.snapshot())


def described(rds, spec):
    (database,) = [one.id for one in spec.resources if one.key == "database"]
    return rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"][0]


def host_reaches_database(spec, folder):
    """Whether the application's host opens a connection to its database."""
    (host,) = spec.hosts
    (folder / "known").write_text(f"{host.address} {host.host_key}")
    options = ["-oBatchMode=yes", f"-oUserKnownHostsFile={folder / 'known'}"]
    login = ["ssh", "-i", spec.ssh_key, *options, f"{host.user}@{host.address}"]
    line = f"timeout 5 bash -c ': < /dev/tcp/{spec.database.host}/{spec.database.port}'"
    return subprocess.run([*login, line], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_made_found_changed_and_taken_away(lab, controller, tmp_path, engine):
    before, rds = kinds(), api(lab, "rds")
    controller.stack = TechStack(language="python", databases=(engine,))
    spec = controller.provision()
    found = spec.database
    made = described(rds, spec)
    assert (made["Engine"], made["DBInstanceStatus"]) == (ENGINES[engine], "available")
    _, master = provisioner.passwords(controller.cloud, found)
    assert master().user == made["MasterUsername"]
    with provisioner.admitted(controller.cloud, spec.resources, controller.keys, lambda _: None):
        until(lambda: host_reaches_database(spec, tmp_path))
    assert made["PubliclyAccessible"] is False

    controller.cloud.calls.clear()
    assert controller.restarted().provision() == spec
    assert moto_api.writes(controller.cloud) == []
    assert not controller.plan().changes

    controller.settings = Settings(target="lab", database_class="db.t4g.small")
    assert controller.restarted().provision().database == found
    assert described(rds, spec)["DBInstanceClass"] == "db.t4g.small"

    last = controller.restarted()
    last.destroy()
    (name,) = last.state.snapshots
    (snapshot,) = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    assert snapshot["Status"] == "available"
    assert kinds() - before == {"AWS::RDS::DBSnapshot": 1}
    rds.delete_db_snapshot(DBSnapshotIdentifier=name)


def test_one_that_is_half_made_is_deleted_after_a_crash(lab, controller):
    """Deleted while it is being made: that is refused, and waited for."""
    before = kinds()
    controller.stack = TechStack(language="python", databases=("postgresql",))
    with pytest.raises(moto_api.Crash), crash_at("CreateDBInstance"):
        controller.provision()
    last = controller.restarted()
    last.destroy()
    (snapshot,) = last.state.snapshots
    assert kinds() - before == {"AWS::RDS::DBSnapshot": 1}
    api(lab, "rds").delete_db_snapshot(DBSnapshotIdentifier=snapshot)


def crash_at(operation):
    def die(**_):
        raise moto_api.Crash(operation)

    return moto_api.hook(f"after-call.rds.{operation}", die)
