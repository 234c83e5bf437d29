"""Which account a command's settings lead to."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import pytest

from autodeploy.cli.names import VOICE
from autodeploy.cli.wiring import cloud_of
from autodeploy.errors import CredentialsMissing
from autodeploy.lab import client, images
from autodeploy.lab.info import LabInfo
from autodeploy.settings import load


@pytest.fixture
def profiles(monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text("[profile work]\nregion = eu-west-3\n[profile other]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AUTODEPLOY_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("flags", "environ", "region"),
    [
        ({"profile": "work"}, {}, "eu-west-3"),
        ({}, {"AUTODEPLOY_PROFILE": "work"}, "eu-west-3"),
        ({"profile": "other"}, {"AUTODEPLOY_PROFILE": "work"}, "eu-west-1"),
        ({"profile": "work", "region": "us-east-2"}, {}, "us-east-2"),
        ({"profile": "work"}, {"AUTODEPLOY_REGION": "us-east-2"}, "us-east-2"),
    ],
)
def test_the_profile_and_the_region_reach_boto3(profiles, flags, environ, region):
    cloud = cloud_of(load({"target": "aws", **flags}, environ=environ))()
    assert (cloud.region, cloud.is_lab) == (region, False)


def test_the_profile_of_awss_own_variable_counts(profiles, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert cloud_of(load({"target": "aws"}, environ={}))().region == "eu-west-3"


def test_a_profile_that_does_not_exist(profiles):
    with pytest.raises(CredentialsMissing) as caught:
        cloud_of(load({"target": "aws", "profile": "nobody"}, environ={}))()
    assert "aws configure list-profiles" in caught.value.remediation


@pytest.fixture
def first_lab(monkeypatch, tmp_path):
    """A lab whose every start builds the base image: the one thing that it says."""

    def up():
        images.ensure(images.DEFAULT, Path(tempfile.mkdtemp(dir=tmp_path)))
        return LabInfo(running=True, endpoint_url="http://127.0.0.1:5577")

    monkeypatch.setattr(images, "_bootstrap", lambda _, root: root.mkdir())
    monkeypatch.setattr(client, "up", up)


@pytest.mark.parametrize(("voice", "times"), [(None, 1), ("verbose", 1), ("quiet", 0)])
def test_whoever_waits_for_the_labs_first_start_is_told_why(first_lab, capsys, voice, times):
    with click.Context(click.Command("deploy")) as context:
        context.meta[VOICE] = voice
        open_cloud = cloud_of(load({"target": "lab"}, environ={}))
    for _ in range(2):
        assert open_cloud().is_lab
        said = capsys.readouterr()
        assert said.err.count("  lab: building the image of Debian 12 (once a machine") == times
        assert said.out == ""
