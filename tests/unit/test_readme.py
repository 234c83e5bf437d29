"""What README and the quick start say beside their commands is true too."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from autodeploy.cli.config import config
from autodeploy.lab.requirements import LAB, TOOL
from documented import fences

ROOT = Path(__file__).parents[2]


def test_its_autodeploy_yml_is_valid(tmp_path):
    (text,) = fences(ROOT / "README.md", "yaml")
    (tmp_path / "autodeploy.yml").write_text(text)
    done = CliRunner().invoke(config, ["validate", str(tmp_path)], catch_exceptions=False)
    assert done.output.startswith("autodeploy.yml is valid")


def test_the_quick_start_names_every_package_that_doctor_wants():
    named = set(re.findall(r"[\w-]+", (ROOT / "docs/quickstart.md").read_text()))
    wanted = {one.package for one in (*TOOL, *LAB) if one.package}
    on_every_debian = {"apt", "util-linux", "debian-archive-keyring"}
    assert wanted - on_every_debian <= named
