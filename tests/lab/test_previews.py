"""A preview in production's network, for a time."""

from __future__ import annotations

import shutil

import pytest

from roadkit import ROOT, autodeploy, deploy, get

pytestmark = pytest.mark.lab
APP = "previewed"


@pytest.fixture(scope="module")
def folder(lab, tmp_path_factory):
    copied = tmp_path_factory.mktemp("apps") / APP
    shutil.copytree(ROOT / "examples/go-hello", copied)
    deploy(copied)
    yield copied
    autodeploy("destroy", APP, "-e", "pr-1", "--yes")
    autodeploy("destroy", APP, "--yes")


def test_a_preview_serves_beside_production_and_keeps_its_network(folder):
    preview = deploy(folder, "-e", "pr-1", "--network-of", "production", "--ttl", "3d")
    types = {one["type"] for one in preview["resources"]}
    assert "AWS::EC2::Instance" in types
    assert not types & {"AWS::EC2::VPC", "AWS::EC2::Subnet"}
    assert get(preview["url"])[0] == 200
    shown = {one["environment"]: one for one in autodeploy("environments", "ls")}
    assert shown["pr-1"]["ttl"] == "3d"
    assert shown["production"]["until"] is None
    assert deploy(folder, "-e", "pr-1")["changed"] is False
    refused = autodeploy("destroy", APP, "--yes", code=1)
    assert "pr-1" in refused["error"]["cause"]
    assert autodeploy("environments", "reap", "--yes") == []
    assert get(autodeploy("status", APP)["live"]["url"])[0] == 200
