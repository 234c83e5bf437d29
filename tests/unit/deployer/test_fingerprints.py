"""What makes a release another one, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodeploy.contracts import BuildArtifact, Cache
from autodeploy.deployer.fingerprints import deployment_fingerprint, release_name
from autodeploy.settings import Settings
from autodeploy.settings.secrets import DeclaredSecret

MARKS = [(None, None), ("a", None), ("b", None), (None, "a"), (None, "b"), ("a", "b")]


def release(artifact, settings, secrets=None, restart=None):
    return release_name(artifact, settings, None, secrets, restart)


def deployment(artifact, settings, secrets=None, restart=None):
    return deployment_fingerprint(artifact, settings, secrets, restart)


ARTIFACT = BuildArtifact(
    digest="a" * 64, layers=(), processes={"web": "./app"}, size=0, sbom=Path("s")
)
SETTINGS = Settings(env={"A": "1"})


@pytest.mark.parametrize("digest_of", [release, deployment])
def test_where_it_runs_does_not_make_it_another_release(digest_of):
    moved = SETTINGS.model_copy(update={"target": "lab", "region": "eu-west-1", "name": "x"})
    assert digest_of(ARTIFACT, moved) == digest_of(ARTIFACT, SETTINGS)


@pytest.mark.parametrize("digest_of", [release, deployment])
@pytest.mark.parametrize(
    "change",
    [{"env": {"A": "2"}}, {"port": 80}, {"health_path": "/up"}, {"scale": {"worker": 2}}],
)
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
    assert deployment(ARTIFACT, changed) != deployment(ARTIFACT, SETTINGS)


@pytest.mark.parametrize("digest_of", [release, deployment])
def test_another_version_of_the_secrets_is_another_release_and_so_is_a_restart(digest_of):
    found = {digest_of(ARTIFACT, SETTINGS, *marks) for marks in MARKS}
    assert len(found) == len(MARKS)


def test_what_is_only_asked_for_as_a_secret_is_no_other_release():
    asks = SETTINGS.model_copy(update={"secrets": {"A": DeclaredSecret(generate=32)}})
    assert release(ARTIFACT, asks) == release(ARTIFACT, SETTINGS)


def test_another_redis_is_another_release():
    """Its address and its token are in the release's environment."""
    caches = [None, *(Cache(host="a", port=6379, secret=secret) for secret in ("arn:1", "arn:2"))]
    assert len({release_name(ARTIFACT, SETTINGS, cache=one) for one in caches}) == 3
