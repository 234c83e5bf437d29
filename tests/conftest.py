"""What all tests share."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

from autodeploy.journal import DirectoryStore
from gokit import KEPT
from labfixtures import boot, lab, lab_images, module_boot, site
from statekit import created

# Here alone: a fixture that two folders import is two fixtures, and a session would have two labs.
__all__ = ["boot", "lab", "lab_images", "module_boot", "site"]

SLOWEST = (
    *("test_road_examples.py", "test_week_node.py", "test_rolling.py", "test_road.py"),
    *("test_hosts_break.py", "test_existing.py", "test_hosts_care.py", "test_lab_killed.py"),
    *("test_domain.py", "test_build_on_host.py", "test_week.py", "test_front.py"),
    *("test_drift.py", "test_cron.py", "test_secured.py", "test_scale.py"),
    *("test_documented.py",),
)
"""Files that take minutes, the longest first: begun first, that no core has nothing to do while one
of them ends."""

settings.register_profile(
    "property",
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("property")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An AUTODEPLOY_HOME of the test's own."""
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def store(tmp_path):
    """A store of the test's own."""
    return DirectoryStore(tmp_path / "store")


@pytest.fixture
def journal(store):
    """The log of a deployment that has just begun."""
    return created(store, repository="https://example.org/shop.git")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # Workers have the environment of who started them.
        os.environ[KEPT] = tempfile.mkdtemp()
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(KEPT)))


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))
