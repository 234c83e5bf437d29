"""What a command of a build reads on a host instead of this machine's folders and variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodeploy.compiler.hostshell import Folders, HostShell, host_environment
from autodeploy.contracts import Host
from autodeploy.runner import Place

WORK = "/var/lib/autodeploy/build/shop/work"


@pytest.fixture
def shell(tmp_path, log):
    """A shell on a host that is never asked."""
    host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
    place = Place(host, None, tmp_path / "known_hosts", "shop")
    folders = Folders(tmp_path / "work", tmp_path / "downloads/shop", tmp_path / "toolchains")
    (folders.work / "home").mkdir(parents=True)
    (folders.work / "home" / ".npmrc").write_text("registry=x\ncafile=/here/ca.pem\n")
    environment = {
        "PATH": "/here/bin:/usr/bin",
        "HOME": str(folders.work / "home"),
        "UV_CACHE_DIR": str(folders.downloads / "uv"),
        "SSL_CERT_FILE": "/here/ca.pem",
        "UV_DEFAULT_INDEX": "https://index.example.com/simple",
    }
    return HostShell(place, folders, environment, 60, log)


def test_folders_and_variables_are_the_hosts(shell):
    said = shell.environment
    assert said["HOME"] == f"{WORK}/build/home"
    assert said["UV_CACHE_DIR"] == f"{WORK}/downloads/uv"
    assert said["SSL_CERT_FILE"] == "/etc/ssl/certs/ca-certificates.crt"
    assert said["PIP_INDEX_URL"] == "https://index.example.com/simple"
    assert "/here" not in str(said)


def test_this_machines_authority_is_not_named_there(shell, tmp_path):
    assert (tmp_path / "work/home/.npmrc").read_text() == "registry=x\n"


def test_of_a_path_only_what_was_sent_is_there(shell, tmp_path):
    asked = f"{tmp_path}/toolchains/node-22/bin:/here/bin:/usr/bin"
    there = shell._path(shell._there(asked))
    assert there.split(":")[0] == f"{WORK}/toolchains/node-22/bin"
    assert "/here" not in there


def test_no_index_of_ours_is_none_of_theirs():
    assert "PIP_INDEX_URL" not in host_environment({"PATH": "/x"}, str)


def test_a_place_is_below_the_applications_folder(tmp_path):
    host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
    place = Place(host, None, Path("known"), "shop")
    assert (place.user, place.work) == ("build-shop", WORK)
    assert place.packages == "/var/lib/autodeploy/build/shop.packages"
