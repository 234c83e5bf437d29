"""One world for all faults of a file, and the count at the end."""

from __future__ import annotations

import logging
import os

import pytest

import faultkit
from faultworld import World
from labfixtures import lab, lab_images, module_boot
from tally import Tally

__all__ = ["lab", "lab_images", "module_boot"]

COUNT = "faults"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    folder = tmp_path_factory.mktemp("faults")
    with faultkit.serving(folder / "api") as api:
        yield World(api, folder)


@pytest.fixture
def tally(record_property):
    """Counts what a test's faults do; the test ends with nothing lost, orphaned or doubled."""
    made = Tally()
    yield made
    record_property(COUNT, str(made))
    assert made.tried or "AUTODEPLOY_POINT" in os.environ
    assert made.bad == []


def pytest_terminal_summary(terminalreporter):
    for reports in terminalreporter.stats.values():
        for one in reports:
            for name, said in getattr(one, "user_properties", ()):
                if name == COUNT and one.when == "teardown":
                    terminalreporter.write_line(f"{one.nodeid}: {said}")
