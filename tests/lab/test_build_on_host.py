"""What this machine cannot build for the hosts, the first of them builds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from roadkit import autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab

APP = """
from pathlib import Path

import psycopg2
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return f"{psycopg2.__version__}, built with {Path('built').read_text()}, GREETING"
"""
# It needs what only the host has: the library that the package was compiled against.
BUILD = "import psycopg2; open('built', 'w').write(str(psycopg2.__libpq_version__))"


@pytest.fixture(scope="module")
def folder(lab, tmp_path_factory):
    """psycopg2 has no wheels: it is compiled against the host's own libpq."""
    folder = tmp_path_factory.mktemp("apps") / "compiled"
    folder.mkdir()
    (folder / "app.py").write_text(APP.replace("GREETING", "one"))
    (folder / "requirements.txt").write_text("flask==3.1.0\ngunicorn==23.0.0\npsycopg2==2.9.10\n")
    (folder / "build.py").write_text(BUILD)
    (folder / "autodeploy.yml").write_text("database: false\nbuild_command: python build.py\n")
    yield folder
    autodeploy("destroy", "compiled", "--yes")


def test_a_package_without_a_wheel_is_compiled_on_the_host_and_no_compiler_stays(folder):
    first = deploy(folder)
    assert re.fullmatch(r"2\.9\.10.*, built with \d+, one", get(first["url"])[1])
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
    assert second["release"] != first["release"]


def test_the_same_artifact_is_found_again_without_its_host(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "compiled")
    assert deploy(copy, "--name", "compiled")["changed"] is False


SERVER = """
const http = require("http");
const Libpq = require("libpq");
http.createServer((_asked, answer) => answer.end(`libpq ${typeof new Libpq().connect}`))
  .listen(process.env.PORT, "127.0.0.1");
"""


def test_a_module_that_links_to_a_library_of_the_host_is_compiled_there(lab, tmp_path):
    folder = tmp_path / "native"
    folder.mkdir()
    (folder / "server.js").write_text(SERVER)
    manifest = {"name": "native", "version": "1.0.0", "dependencies": {"libpq": "1.8.15"}}
    manifest["scripts"] = {"start": "node server.js"}
    (folder / "package.json").write_text(json.dumps(manifest))
    (folder / "autodeploy.yml").write_text("database: false\n")
    lock = ["npm", "install", "--package-lock-only", "--ignore-scripts"]
    subprocess.run(lock, cwd=folder, check=True, capture_output=True)
    first = deploy(folder)
    assert get(first["url"]) == (200, "libpq function")
    assert on_host("native", "dpkg", "-s", "libpq5").returncode == 0
    assert on_host("native", "dpkg", "-s", "g++").returncode != 0
    assert deploy(folder)["changed"] is False
    autodeploy("destroy", "native", "--yes")
