from __future__ import annotations

import pytest
from click.testing import CliRunner

from autodeploy.cli.sbom import sbom
from autodeploy.contracts import BuildArtifact
from autodeploy.errors import NotDeployed
from autodeploy.journal import DirectoryStore


@pytest.fixture
def run(home):
    """A run of `shop` in this AUTODEPLOY_HOME."""
    said = {"operation": "deploy", "application": "shop", "environment": "production"}
    where = {"target": "lab", "region": None, "repository": None, "tool_version": "0"}
    return DirectoryStore(home).create(**said, **where).state.id


def test_the_document_of_the_last_run(home, run, tmp_path):
    document = tmp_path / "document"
    document.write_text('{"a": 1}\n')
    artifact = BuildArtifact(digest="0" * 64, layers=(), processes={}, size=0, sbom=document)
    DirectoryStore(home).keep(run, artifact)
    assert CliRunner().invoke(sbom, ["shop"]).output == '{"a": 1}\n'


def test_a_run_that_has_built_nothing(run):
    with pytest.raises(NotDeployed, match=run):
        CliRunner().invoke(sbom, ["shop"], catch_exceptions=False)
