"""What README says of autodeploy.yml is valid."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from autodeploy.cli.config import config
from documented import fences

ROOT = Path(__file__).parents[2]


def test_its_autodeploy_yml_is_valid(tmp_path):
    (text,) = fences(ROOT / "README.md", "yaml")
    (tmp_path / "autodeploy.yml").write_text(text)
    done = CliRunner().invoke(config, ["validate", str(tmp_path)], catch_exceptions=False)
    assert done.output.startswith("autodeploy.yml is valid")
