"""The wheel holds all that the checkout has of the tool: nothing that it reads is left behind."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
SHIPPED = {
    "controller/autodeploy": "autodeploy",
    "playbooks": "autodeploy/_ansible/playbooks",
    "roles": "autodeploy/_ansible/roles",
    "inventories": "autodeploy/_ansible/inventories",
    "ansible.cfg": "autodeploy/_ansible/ansible.cfg",
}
"""What of the checkout is where in the wheel."""


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The files of a wheel that is built now."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")))
    with zipfile.ZipFile(built) as wheel:
        return {name for name in wheel.namelist() if ".dist-info/" not in name}


def in_the_checkout():
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *SHIPPED]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in filter(None, found.split("\0")):
        of = next(one for one in SHIPPED if path == one or path.startswith(f"{one}/"))
        if (ROOT / path).exists():
            yield SHIPPED[of] + path.removeprefix(of)


def test_it_holds_every_file_of_the_tool_and_no_other(names):
    assert names == set(in_the_checkout())


def test_what_is_no_module_is_in_it(names):
    for one in ("compiler/enter.sh", "conductor/forecast/durations.json", "py.typed"):
        assert f"autodeploy/{one}" in names
    assert "autodeploy/_ansible/roles/proxy/templates/site.conf.j2" in names
