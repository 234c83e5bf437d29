"""User data comes from strangers."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from autodeploy.errors import LabError
from autodeploy.lab import cloudinit

PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nsecretsecret\n-----END OPENSSH PRIVATE KEY-----\n"
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI host"


def config(**said):
    return f"#cloud-config\n{yaml.safe_dump(said)}"


@pytest.mark.parametrize("text", [None, "", "\n", "#cloud-config\n", "#cloud-config\n{}"])
def test_nothing_asks_for_nothing(text):
    assert cloudinit.parse(text) == cloudinit.UserData()
    assert cloudinit.parse(text).script() is None


def test_keys_and_name_are_read_and_other_keys_ignored():
    keys = {"ed25519_private": PRIVATE, "ed25519_public": PUBLIC}
    read = cloudinit.parse(config(ssh_keys=keys, hostname="shop-1", ssh_pwauth=False))
    assert read.hostname == "shop-1"
    assert read.ssh_keys is not None
    assert read.ssh_keys.ed25519_public == PUBLIC
    assert read.ssh_keys.ed25519_private == PRIVATE


@pytest.mark.parametrize(
    "text",
    [
        "Content-Type: multipart/mixed",
        "#cloud-config\n[unclosed",
        "#cloud-config\n- a list",
        "#cloud-config\n!!python/object/apply:os.system ['true']",
        f"#cloud-config\n{'[' * 5000}",
        config(hostname="../../etc/passwd"),
        config(hostname="a\nb"),
        config(runcmd="no list"),
        config(runcmd=[{"a": 1}]),
        config(ssh_keys={"ed25519_private": "no key", "ed25519_public": PUBLIC}),
        config(ssh_keys={"ed25519_private": PRIVATE, "ed25519_public": "ssh-rsa AAAA"}),
        config(ssh_keys={"ed25519_private": PRIVATE, "ed25519_public": f"{PUBLIC}\nmore"}),
        config(ssh_keys={"ed25519_private": PRIVATE}),
        "#cloud-config\n" + "#" * cloudinit.MAX_BYTES,
    ],
)
def test_what_is_not_valid_is_refused(text):
    with pytest.raises(LabError):
        cloudinit.parse(text)


def test_a_refusal_does_not_show_the_key():
    halves = {"ed25519_private": f"x{PRIVATE}", "ed25519_public": "none"}
    with pytest.raises(LabError) as raised:
        cloudinit.parse(config(ssh_keys=halves))
    assert "secretsecret" not in f"{raised.value} {raised.value.__cause__}"
    read = cloudinit.parse(config(ssh_keys={"ed25519_private": PRIVATE, "ed25519_public": PUBLIC}))
    assert "secretsecret" not in repr(read)


def test_words_reach_the_command_as_they_are():
    words = ["printf", "%s|", "it's", "$HOME", "a b", ";", "-n"]
    script = cloudinit.parse(config(runcmd=[words, "echo $((1 + 1))"])).script()
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "it's|$HOME|a b|;|-n|2\n"


def test_packages_are_no_options():
    script = cloudinit.parse(config(packages=["--allow-unauthenticated", "curl; true"])).script()
    assert "apt-get install --yes -- --allow-unauthenticated 'curl; true'\n" in script


def test_a_script_is_taken_whole():
    assert cloudinit.parse("#!/bin/bash\ntrue\n").script() == "#!/bin/bash\ntrue\n"
