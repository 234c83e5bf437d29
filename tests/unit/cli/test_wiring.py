"""Which account a command's settings lead to."""

from __future__ import annotations

import pytest

from autodeploy.cli.wiring import cloud_of
from autodeploy.errors import CredentialsMissing
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
