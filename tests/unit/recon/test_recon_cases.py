"""Folders of input files and the facts that are expected of them: one case a file in cases/."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from autodeploy.contracts import Source
from autodeploy.recon import detect

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path):
    case = yaml.safe_load(path.read_text())
    for name, content in case["files"].items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    below = case.get("path", "")
    stack = detect(Source(url="x", checkout=tmp_path / below, commit=None, name="x", path=below))
    found = stack.model_dump(mode="json")
    assert {name: found[name] for name in case["expect"]} == case["expect"]
    for wanted in case.get("evidence", ()):
        assert any(wanted.items() <= one.items() for one in found["evidence"]), wanted
