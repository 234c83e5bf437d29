"""The lab for tests: one for the session, and hosts in it by `boot`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from autodeploy.lab import client
from autodeploy.lab.info import LabInfo
from autodeploy.lab.site import Site
from labkit import Machine, boot_host, left_of


@pytest.fixture(scope="session")
def lab_images():
    """The machine's cache of images, so that they are built once and not once a session."""
    default = platformdirs.user_state_path("autodeploy") / "lab/images"
    with pytest.MonkeyPatch.context() as patch:
        images = os.environ.get("AUTODEPLOY_LAB_IMAGES", str(default))
        patch.setenv("AUTODEPLOY_LAB_IMAGES", images)
        # What every deployment installs is there already: molecule's hosts are bare.
        patch.setenv("AUTODEPLOY_LAB_PACKAGES", "nginx-light nodejs")
        # It takes a minute of each deployment: test_secured.py has it on.
        patch.setenv("AUTODEPLOY_HARDEN", "false")
        yield Path(images)


@pytest.fixture(scope="session")
def lab(tmp_path_factory, lab_images):
    """A running lab in an AUTODEPLOY_HOME of the session's own; yields its LabInfo."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTODEPLOY_HOME", str(tmp_path_factory.mktemp("home")))
        site = Site.here()
        yield client.up()
        patch.setenv("AUTODEPLOY_HOME", str(site.folder.parent))
        client.down()
        assert left_of(site) == []


@pytest.fixture
def site(tmp_path, monkeypatch, lab_images):
    """A lab of the test's own, not yet started, taken away at its end."""
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    site = Site.here()
    yield site
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    client.down()
    assert left_of(site) == []


@pytest.fixture
def boot(tmp_path) -> Callable[..., Machine]:
    """Boots a host in a lab, with a key pair and a pinned host key, and waits for its SSH."""
    return _boots(tmp_path)


@pytest.fixture(scope="module")
def module_boot(tmp_path_factory) -> Callable[..., Machine]:
    """The same, for hosts that the tests of a module share."""
    return _boots(tmp_path_factory.mktemp("keys"))


def _boots(folder: Path) -> Callable[..., Machine]:
    def one(info: LabInfo, **wanted: Any) -> Machine:
        return boot_host(info, folder / f"keys-{time.monotonic_ns()}", **wanted)

    return one
