"""What makes a release another one, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodeploy.contracts import BuildArtifact
from autodeploy.deployer.fingerprints import deployment_fingerprint, release_name
from autodeploy.settings import Settings

ARTIFACT = BuildArtifact(
    digest="a" * 64, layers=(), processes={"web": "./app"}, size=0, sbom=Path("s")
)
SETTINGS = Settings(env={"A": "1"})


@pytest.mark.parametrize("digest_of", [release_name, deployment_fingerprint])
def test_where_it_runs_does_not_make_it_another_release(digest_of):
    moved = SETTINGS.model_copy(update={"target": "lab", "region": "eu-west-1", "name": "x"})
    assert digest_of(ARTIFACT, moved) == digest_of(ARTIFACT, SETTINGS)


@pytest.mark.parametrize("digest_of", [release_name, deployment_fingerprint])
@pytest.mark.parametrize("change", [{"env": {"A": "2"}}, {"port": 80}, {"health_path": "/up"}])
def test_what_reaches_the_release_does(digest_of, change):
    changed = SETTINGS.model_copy(update=change)
    assert digest_of(ARTIFACT, changed) != digest_of(ARTIFACT, SETTINGS)


def test_another_build_is_another_release():
    other = ARTIFACT.model_copy(update={"digest": "b" * 64})
    assert release_name(other, SETTINGS) != release_name(ARTIFACT, SETTINGS)


@pytest.mark.parametrize("change", [{"hosts": 3}, {"instance_type": "t3.large"}, {"arch": "arm64"}])
def test_more_hosts_or_larger_ones_are_another_deployment_of_the_same_release(change):
    changed = SETTINGS.model_copy(update=change)
    assert release_name(ARTIFACT, changed) == release_name(ARTIFACT, SETTINGS)
    assert deployment_fingerprint(ARTIFACT, changed) != deployment_fingerprint(ARTIFACT, SETTINGS)
