"""The wheel holds all that the checkout has of the tool: nothing that it reads is left behind."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import grimp
import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


def brought(name, extras):
    """The distributions that come with one, by name, with some of its extras."""
    found, rest = set(), [(canonicalize_name(name), frozenset(extras))]
    while rest:
        one = rest.pop()
        if one in found:
            continue
        found.add(one)
        with suppress(metadata.PackageNotFoundError):
            for wanted in map(Requirement, metadata.requires(one[0]) or ()):
                asked = [{"extra": extra} for extra in one[1] or {""}]
                if wanted.marker is None or any(map(wanted.marker.evaluate, asked)):
                    rest.append((canonicalize_name(wanted.name), frozenset(wanted.extras)))
    return {name for name, _ in found}


ROOMS = {
    "autodeploy.lab.": "lab",
    "autodeploy.cli.assistant.": "agents",
    "autodeploy.cli.web.": "ui",
}
"""The rooms that come with an extra."""


def test_what_it_imports_comes_with_what_it_says_it_needs():
    always = brought("autodeploy", [])
    with_extras = {room: brought("autodeploy", [extra]) for room, extra in ROOMS.items()}
    assert "boto3" in always
    assert "moto" in with_extras["autodeploy.lab."] - always
    graph = grimp.build_graph(
        "autodeploy", include_external_packages=True, exclude_type_checking_imports=True
    )
    of = metadata.packages_distributions()
    for module in graph.modules - sys.stdlib_module_names:
        if graph.is_module_squashed(module):
            importers = graph.find_modules_that_directly_import(module)
            rooms = [room for room in ROOMS if all(one.startswith(room) for one in importers)]
            comes = with_extras[rooms[0]] if rooms else always
            there = {canonicalize_name(one) for one in of.get(module, ())}
            assert there & comes, f"{module}: {sorted(importers)}"
