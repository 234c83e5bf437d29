"""Which host keys are believed: what OpenSSH's own files say, in every form."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from autodeploy.contracts import Host
from autodeploy.provisioner.existing.trust import fingerprint, key_with, known_lines

HOST = Host(name="host-1", address="192.0.2.1", host_key="")
OTHER_PORT = HOST.model_copy(update={"port": 2222})


@dataclass(frozen=True)
class Key:
    text: str
    fingerprint: str


def make_key(folder: Path, kind: str) -> Key:
    path = folder / kind
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", path], check=True)
    listed = subprocess.check_output(["ssh-keygen", "-lf", path], text=True)
    return Key(path.with_suffix(".pub").read_text().strip(), listed.split()[1])


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {kind: make_key(folder, kind) for kind in ("ed25519", "ecdsa", "rsa")}


@pytest.fixture
def known(tmp_path, monkeypatch):
    """Writes the user's known_hosts."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()

    def write(text, *, hashed=False):
        path = tmp_path / ".ssh/known_hosts"
        path.write_text(text)
        if hashed:
            subprocess.run(["ssh-keygen", "-H", "-f", path], check=True, capture_output=True)
            assert "192.0.2" not in path.read_text()

    return write


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_fingerprint_is_openssh_s(keys, kind):
    assert fingerprint(keys[kind].text.split()[1]) == keys[kind].fingerprint


def test_no_key_has_no_fingerprint():
    assert fingerprint("%") is None


@pytest.mark.parametrize("hashed", [False, True])
def test_the_key_that_was_shown_is_found_among_the_host_s(known, keys, hashed):
    lines = [f"192.0.2.1 {one.text}\n192.0.2.2 {one.text}\n" for one in keys.values()]
    known("".join(lines), hashed=hashed)
    found = known_lines(HOST, ())
    assert len(found) == 3
    for one in keys.values():
        assert key_with(found, one.fingerprint) == one.text


@pytest.mark.parametrize("hashed", [False, True])
def test_a_port_is_a_place_of_its_own(known, keys, hashed):
    known(f"[192.0.2.1]:2222 {keys['rsa'].text}\n", hashed=hashed)
    assert known_lines(HOST, ()) == []
    assert key_with(known_lines(OTHER_PORT, ()), keys["rsa"].fingerprint) == keys["rsa"].text


def test_names_are_known_in_lower_case(known, keys):
    known(f"web.example.com,192.0.2.9 {keys['rsa'].text}\n")
    host = HOST.model_copy(update={"address": "Web.Example.com"})
    assert key_with(known_lines(host, ()), keys["rsa"].fingerprint)


def test_a_key_that_was_pinned_before_is_known(known, keys):
    pinned = HOST.model_copy(update={"host_key": keys["rsa"].text})
    assert key_with(known_lines(HOST, [pinned]), keys["rsa"].fingerprint) == keys["rsa"].text
    assert known_lines(OTHER_PORT, [pinned]) == []


def test_what_is_revoked_or_only_signed_is_no_key(known, keys):
    known(
        f"@revoked 192.0.2.1 {keys['rsa'].text}\n@cert-authority 192.0.2.1 {keys['ecdsa'].text}\n"
    )
    found = known_lines(HOST, ())
    assert found == [f"@revoked 192.0.2.1 {keys['rsa'].text}"]
    assert key_with(found, keys["rsa"].fingerprint) is None


def test_nothing_shown_is_no_key(known, keys):
    known(f"192.0.2.1 {keys['rsa'].text}\n192.0.2.1 broken %\n")
    assert key_with(known_lines(HOST, ()), None) is None
