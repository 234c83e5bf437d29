from __future__ import annotations

import os
from pathlib import Path

import pytest

import moto_api
import strictkit
from autodeploy.aws import Cloud
from autodeploy.contracts import Source
from autodeploy.recon import detect

EXAMPLE = Path(__file__).parents[3] / "examples/flask-guestbook"


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    with strictkit.serving(tmp_path_factory.mktemp("api")) as serving:
        yield serving


@pytest.fixture
def api(serving):
    """The lab's API on loopback, without hosts, with nothing in it."""
    serving.admin("POST", "reset")
    serving.clock.step = 0
    return serving


@pytest.fixture
def controller(api, tmp_path, monkeypatch):
    """The Provisioner of an example with a database, in front of the lab's API."""
    source = Source(url="x", checkout=EXAMPLE, commit=None, name=EXAMPLE.name)
    door = Cloud(region="us-east-1", endpoint_url=api.url)
    door.pace = 0.001
    monkeypatch.setattr(moto_api, "cloud", lambda: door)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    return moto_api.Controller(tmp_path, EXAMPLE.name, stack=detect(source))
