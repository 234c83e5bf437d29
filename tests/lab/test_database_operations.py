"""`db` on a real database behind a real host: what comes back, and what is left of a tunnel."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from labkit import until
from roadkit import ROOT, autodeploy, deploy, get

pytestmark = pytest.mark.lab
APP = "guestbook-data"


@pytest.fixture(scope="module")
def url(lab, tmp_path_factory):
    """Where the guestbook answers, which keeps its entries in PostgreSQL."""
    folder = tmp_path_factory.mktemp("apps") / APP
    shutil.copytree(ROOT / "examples/flask-guestbook", folder)
    yield deploy(folder)["url"]
    autodeploy("destroy", APP, "--yes")


def db(command, *words, **how):
    """`autodeploy db COMMAND`, and what it prints."""
    line = [sys.executable, "-m", "autodeploy", "db", command, APP, *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, check=False, **how)


def tell(sql):
    done = db("shell", "--", "-XqAt", "-c", sql)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def sign(url, said):
    body = json.dumps({"name": "Ada", "said": said}).encode()
    request = urllib.request.Request(
        f"{url}api/entries", body, {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert opener.open(request, timeout=10).status == 201


def said(url):
    return [one["said"] for one in json.loads(get(f"{url}api/entries")[1])]


def running(mark):
    """The command lines of this machine that have a word in them."""
    found = [one for one in Path("/proc").iterdir() if one.name.isdigit()]
    lines = []
    for one in found:
        try:
            lines.append((one / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except (OSError, UnicodeDecodeError):
            continue
    return [line for line in lines if mark in line]


def test_a_destroyed_table_comes_back(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sign(url, "one")
    sign(url, 'tw"o\\')
    before = said(url)
    kept = autodeploy("db", "backup", APP)
    file = tmp_path / kept["file"]
    assert (file.stat().st_size, file.stat().st_mode & 0o777) == (kept["bytes"], 0o600)
    tell("DROP TABLE entries CASCADE; CREATE TABLE later (id int)")

    restored = autodeploy("db", "restore", APP, file, "--yes", "--yes-data")
    assert said(url) == before
    assert tell("SELECT to_regclass('later')") == ""
    assert tell("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname='public'") == tell(
        "SELECT current_user"
    )
    sign(url, "three")

    autodeploy("db", "restore", APP, restored["backup"], "--yes", "--yes-data", "--no-backup")
    assert tell("SELECT to_regclass('later')") == "later"
    autodeploy("db", "restore", APP, file, "--yes", "--yes-data", "--no-backup")
    assert said(url) == before


def test_tls_is_verified_to_the_database(url):
    assert tell("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t"
    assert tell("SHOW ssl") == "on"


def test_a_wrong_file_changes_nothing(url, tmp_path):
    before = said(url)
    wrong = tmp_path / "wrong.dump"
    wrong.write_text("-- MariaDB dump 10.19\n")
    refused = autodeploy("db", "restore", APP, wrong, "--yes", "--yes-data", code=1)
    assert "one of MySQL" in refused["error"]["cause"]
    assert said(url) == before


def test_a_machine_without_clients_is_told_the_package(url, tmp_path):
    for name in ("ssh", "ssh-keygen"):
        (tmp_path / name).symlink_to(shutil.which(name))
    done = db("shell", env={**os.environ, "PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "apt-get install postgresql-client" in done.stderr


def test_the_password_is_in_no_command_line(url):
    revealed = urlsplit(db("url", "--reveal").stdout.strip())
    password = unquote(revealed.password)
    assert password not in db("url").stdout
    asleep = start("shell", "--", "-c", "SELECT pg_sleep(600)")
    try:
        until(lambda: pids("psql"))
        assert not running(password)
        assert password.encode() not in environment_of("psql")
    finally:
        end(asleep, signal.SIGTERM)


def pids(name):
    said = subprocess.run(["pidof", name], capture_output=True, text=True, check=False)
    return said.stdout.split()


def environment_of(name):
    return b"".join(Path(f"/proc/{one}/environ").read_bytes() for one in pids(name))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_tunnel_is_left_however_it_ends(url, how):
    held = start("url", "--tunnel")
    port = urlsplit(held.stdout.readline()).port
    assert running(f"127.0.0.1:{port}:")
    end(held, how)
    until(lambda: not running(f"127.0.0.1:{port}:"))


def start(command, *words):
    line = [sys.executable, "-m", "autodeploy", "db", command, APP, *words]
    return subprocess.Popen(line, stdout=subprocess.PIPE, text=True, process_group=0)


def end(running, how):
    os.killpg(running.pid, how)
    running.wait(30)
    running.stdout.close()
