"""What systemd itself says of the sandbox of real applications' units."""

from __future__ import annotations

import re
import shutil

import pytest

from roadkit import ROOT, autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab
MOST = 1.5


@pytest.mark.parametrize("example", ["express-links", "flask-notes", "go-hello"])
def test_systemd_finds_little_exposed_in_node_python_and_go(lab, tmp_path, example):
    name = f"{example}-box"
    first = deploy(shutil.copytree(ROOT / "examples" / example, tmp_path / name))
    try:
        assert get(first["url"])[0] == 200
        unit = f"{name}-web-{first['release']}.service"
        shown = on_host(name, "systemd-analyze", "security", "--no-pager", unit).stdout
        exposed = re.search(r"Overall exposure level for (\S+): ([0-9.]+)", shown)
        assert exposed[1] == unit
        assert float(exposed[2]) <= MOST, shown
    finally:
        autodeploy("destroy", name, "--yes")
