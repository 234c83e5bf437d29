"""What somebody changes on a host and in the API is named, and deploying mends it."""

from __future__ import annotations

import shutil

import boto3
import pytest

from roadkit import ROOT, autodeploy, deploy, on_host

pytestmark = pytest.mark.lab
NAME = "drifting"


@pytest.fixture
def app(lab, tmp_path):
    folder = tmp_path / NAME
    shutil.copytree(ROOT / "examples/go-hello", folder)
    yield folder
    autodeploy("destroy", NAME, "--yes")


def drift(code):
    said = autodeploy("drift", NAME, "--detailed-exitcode", code=code)
    assert said["unchecked"] == []
    return {(one["host"], one["what"]): one for one in said["differences"]}


def test_what_was_changed_is_named_and_nothing_else(lab, app):
    first = deploy(app)
    assert drift(0) == {}

    release = f"releases/{first['release']}"
    broken = (
        f"sudo sh -c 'cd /srv/{NAME}/{release}; echo x >> go.mod; rm templates/index.html;"
        " touch shell.php; ufw allow 8080/tcp;"
        " sed -i s/worker_connections/#worker_connections/ /etc/nginx/nginx.conf'"
    )
    assert on_host(NAME, broken).returncode == 0
    ids = {one["type"]: one["id"] for one in first["resources"]}
    ec2 = boto3.client(
        "ec2",
        endpoint_url=lab.endpoint_url,
        region_name=lab.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    group = ids["AWS::EC2::SecurityGroup"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=8080, ToPort=8080, CidrIp="0.0.0.0/0"
    )

    found = drift(2)
    said = {place: one["kind"] for place, one in found.items()}
    assert said == {
        (None, "security-group-app"): "changed",
        ("host-1", f"{release}/go.mod"): "changed",
        ("host-1", f"{release}/templates/index.html"): "missing",
        ("host-1", f"{release}/shell.php"): "surplus",
        ("host-1", "firewall : Let in the declared ports and SSH, and nothing else"): "changed",
        ("host-1", "proxy : Configure nginx"): "changed",
    }
    assert any("tcp 8080" in why for why in found[None, "security-group-app"]["reason"])
    assert any(
        "worker_connections" in why for why in found["host-1", "proxy : Configure nginx"]["reason"]
    )

    deploy(app, "--refresh")
    assert {what for _host, what in drift(2)} == {
        f"{release}/{name}" for name in ("go.mod", "templates/index.html", "shell.php")
    }
    assert on_host(NAME, f"sudo rm -r /srv/{NAME}/{release}").returncode == 0
    deploy(app, "--refresh")
    assert drift(0) == {}
