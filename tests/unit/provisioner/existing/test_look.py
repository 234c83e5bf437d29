"""Which of a host's keys is pinned: one that hardening leaves, where the host proves that too."""

from __future__ import annotations

import base64
import importlib

import pytest

from autodeploy.contracts import Host
from autodeploy.provisioner.existing.trust import fingerprint
from autodeploy.runner import Answer

look = importlib.import_module("autodeploy.provisioner.existing.look")
HOST = Host(name="host-1", address="192.0.2.1", host_key="")
OLD, NEW, OTHER = (base64.b64encode(text).decode() for text in (b"old", b"new", b"other"))


def looked(monkeypatch, known, proves):
    """The key that is pinned for a host that has two keys, and one more that it only names."""

    def tell(_host, _key, known_hosts, _script, *_words):
        lines = known_hosts.read_text().splitlines()
        shown = next((key for key in proves if any(line.endswith(key) for line in lines)), None)
        revoked = any(line.startswith("@revoked") and line.endswith(f"{shown}") for line in lines)
        code = 0 if shown and not revoked else 255
        output = f"system debian-12\nhost_key ssh-ed25519 {NEW}\n"
        print_ = fingerprint(shown or OTHER)
        return Answer(returncode=code, output=output, said="", host_key=print_)

    monkeypatch.setattr(look, "tell", tell)
    monkeypatch.setattr(look, "known_lines", lambda *_: known)
    found = look.look([HOST], None, "shop", ())
    return [host.host_key for host, _seen in found.seen]


ECDSA = f"192.0.2.1 ecdsa-sha2-nistp256 {OLD}"


@pytest.mark.parametrize(
    ("known", "proves", "pinned"),
    [
        ([ECDSA], [OLD, NEW], f"ssh-ed25519 {NEW}"),
        ([ECDSA], [OLD], f"ecdsa-sha2-nistp256 {OLD}"),
        ([ECDSA, f"@revoked * ssh-ed25519 {NEW}"], [OLD, NEW], f"ecdsa-sha2-nistp256 {OLD}"),
        ([f"192.0.2.1 ssh-ed25519 {OLD}"], [OLD, NEW], f"ssh-ed25519 {OLD}"),
    ],
)
def test_the_key_that_lasts_is_pinned_where_the_host_proves_it(monkeypatch, known, proves, pinned):
    assert looked(monkeypatch, known, proves) == [pinned]


def test_nothing_is_pinned_that_no_trusted_key_vouches_for(monkeypatch):
    assert looked(monkeypatch, [ECDSA], [NEW]) == []
