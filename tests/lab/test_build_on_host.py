"""What this machine cannot build for the hosts, the first of them builds."""

from __future__ import annotations

import shutil

import pytest

from roadkit import autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab

APP = """
import psycopg2
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return f"{psycopg2.__version__} libpq {psycopg2.__libpq_version__} GREETING"
"""


@pytest.fixture(scope="module")
def folder(lab, tmp_path_factory):
    """psycopg2 has no wheels: it is compiled against the host's own libpq."""
    folder = tmp_path_factory.mktemp("apps") / "compiled"
    folder.mkdir()
    (folder / "app.py").write_text(APP.replace("GREETING", "one"))
    (folder / "requirements.txt").write_text("flask==3.1.0\ngunicorn==23.0.0\npsycopg2==2.9.10\n")
    (folder / "autodeploy.yml").write_text("database: false\n")
    yield folder
    autodeploy("destroy", "compiled", "--yes")


def test_a_package_without_a_wheel_is_compiled_on_the_host_and_no_compiler_stays(folder):
    first = deploy(folder)
    assert "2.9.10" in get(first["url"])[1]
    assert "compiler" in [stage["agent"] for stage in first["stages"]]
    assert on_host("compiled", "dpkg", "-s", "libpq5").returncode == 0
    for package in ("gcc", "libpq-dev", "python3-dev"):
        assert on_host("compiled", "dpkg", "-s", package).returncode != 0
    assert "libpq5" in on_host("compiled", "cat", "/var/lib/autodeploy/installed").stdout
    assert on_host("compiled", "sudo", "ls", "/var/lib/autodeploy/build").stdout == ""
    assert on_host("compiled", "id", "build-compiled").returncode != 0

    (folder / "app.py").write_text(APP.replace("GREETING", "two"))
    second = deploy(folder)
    assert get(second["url"])[1].endswith("two")
    assert second["artifact"] != first["artifact"]


def test_the_same_artifact_is_found_again_without_its_host(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "compiled")
    assert deploy(copy, "--name", "compiled")["changed"] is False
