"""Which host keys the user trusts: OpenSSH's own files say it. Nothing is trusted on first use."""

from __future__ import annotations

import base64
import binascii
import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

from autodeploy.contracts import Host
from autodeploy.runner import known_name

SYSTEM_FILES = (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))
AUTHORITY = "@cert-authority"
MARK = "@"


def known_lines(host: Host, pinned: Iterable[Host]) -> list[str]:
    """What `known_hosts` says of the host: the user's own, and what we pinned before.

    Revocations are kept; authorities are not, since what they sign cannot be pinned.
    """
    ours = [
        f"{known_name(host)} {one.host_key}"
        for one in pinned
        if (one.address, one.port) == (host.address, host.port)
    ]
    ssh = Path.home() / ".ssh"
    files = (ssh / "known_hosts", ssh / "known_hosts2", *SYSTEM_FILES)
    return ours + [line for file in files for line in _lines(host, file)]


def _lines(host: Host, file: Path) -> list[str]:
    """The file's lines on the host, hashed ones too; OpenSSH looks hosts up in lower case."""
    name = known_name(host).lower()
    done = subprocess.run(
        ["ssh-keygen", "-F", name, "-f", str(file)],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        return []
    lines = done.stdout.decode(errors="replace").splitlines()
    return [line for line in lines if line and not line.startswith(("#", AUTHORITY))]


def key_with(lines: Iterable[str], shown: str | None) -> str | None:
    """The key (`ssh-ed25519 AAAA...`) among trusted lines that has the fingerprint."""
    for line in lines:
        words = line.split()
        if not line.startswith(MARK) and len(words) >= 3 and fingerprint(words[2]) == shown:
            return f"{words[1]} {words[2]}"
    return None


def fingerprint(key: str) -> str | None:
    """A public key's fingerprint as OpenSSH writes it; None for what is no key."""
    try:
        digest = hashlib.sha256(base64.b64decode(key, validate=True)).digest()
    except binascii.Error:
        return None
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
