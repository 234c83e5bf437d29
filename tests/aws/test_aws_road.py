"""The whole road on AWS itself. Never run by default; see docs/aws.md."""

from __future__ import annotations

import shutil

import pytest

import awskit
from roadkit import ROOT, there_and_back

pytestmark = pytest.mark.aws


@pytest.mark.parametrize("example", ["express-links", "flask-guestbook", "go-shorten"])
def test_an_example_from_folder_to_url_and_back(client, example, tmp_path):
    folder = shutil.copytree(ROOT / "examples" / example, tmp_path / example)
    where = ("--target", "aws", "--environment", awskit.ENVIRONMENT)
    _first, gone = there_and_back(folder, *where)
    left = [one for one in awskit.left(client) if one.application == example]
    snapshots = [one.id for one in left if one.kind == "AWS::RDS::DBSnapshot"]
    assert snapshots == gone["snapshots"]
    assert bool(snapshots) == (example == "flask-guestbook")
    assert len(left) == len(snapshots), left
