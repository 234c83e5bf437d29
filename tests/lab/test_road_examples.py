"""The whole road: from each example's folder to an answering URL, and back."""

from __future__ import annotations

import shutil

import pytest

from roadkit import ROOT, autodeploy, there_and_back

WEEKS = {"django-parcels", "koa-polls"}
"""Those that go the same road in a week of their own."""
SHOWN = {"flask-notes"}
"""Those that go it in README."""
ALL = {path.name for path in (ROOT / "examples").iterdir() if path.is_dir()}
EXAMPLES = sorted(ALL - WEEKS - SHOWN)

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_from_folder_to_url_and_back(lab, example, tmp_path):
    folder = shutil.copytree(ROOT / "examples" / example, tmp_path / example)
    first, _gone = there_and_back(folder, "--target", "lab")
    ids = {host["instance_id"] for host in first["hosts"]}
    assert not ids & {host["instance_id"] for host in autodeploy("lab", "status")["hosts"]}
