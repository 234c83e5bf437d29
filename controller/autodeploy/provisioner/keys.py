"""The application's SSH keys: ed25519, made on this machine, kept in its private folder."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autodeploy.errors import StateError
from autodeploy.paths import private_folder


class Keys:
    """The login key, `id_ed25519`, and one host key a host, `hosts/NAME.key`; each 0600.

    Attributes:
        login_key: The private login key's file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.login_key = folder / "id_ed25519"

    def public_login_key(self) -> str | None:
        """The public login key as OpenSSH writes it; None while there is none."""
        return _public(self.login_key)

    def make_login_key(self) -> str:
        """The public login key, made if there is none."""
        return self.public_login_key() or _generate(self.login_key)

    def public_host_key(self, host: str) -> str | None:
        """The public key that the host identifies itself with; None while there is none."""
        return _public(self._host_key(host))

    def make_host_key(self, host: str) -> tuple[str, str]:
        """The private and the public key of the host, made if there is none."""
        public = self.public_host_key(host) or _generate(self._host_key(host))
        return self._host_key(host).read_text(), public

    def keep_host_keys(self, hosts: Iterable[str]) -> None:
        """Remove the keys of all hosts but these."""
        kept = {path for one in hosts for path in _halves(self._host_key(one))}
        # Sorted, a private half goes before its public one: it never stands alone.
        for path in sorted(set((self._folder / "hosts").glob("*.key*")) - kept):
            path.unlink()

    def forget(self) -> None:
        """Remove all keys."""
        for path in _halves(self.login_key):
            path.unlink(missing_ok=True)
        shutil.rmtree(self._folder / "hosts", ignore_errors=True)

    def _host_key(self, host: str) -> Path:
        return self._folder / "hosts" / f"{host}.key"


def same_key(one: str, other: str) -> bool:
    """Whether two public keys are the same but for their comments."""
    return one.split()[:2] == other.split()[:2]


def _halves(private: Path) -> tuple[Path, Path]:
    return private, _public_file(private)


def _public_file(private: Path) -> Path:
    return private.with_name(f"{private.name}.pub")


def _public(private: Path) -> str | None:
    return _public_file(private).read_text().strip() if private.exists() else None


def _generate(private: Path) -> str:
    """Make a key pair; the private file appears last, so that it never stands without the other."""
    private_folder(private.parent)
    with tempfile.TemporaryDirectory(dir=private.parent) as folder:
        made = Path(folder) / "key"
        command = [
            "ssh-keygen",
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            "autodeploy",
            "-f",
            str(made),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            raise StateError(
                "ssh-keygen could not make a key",
                cause=str(error),
                step="keys",
                remediation="Install OpenSSH's client (openssh-client), and check the free space.",
            ) from error
        _public_file(made).chmod(0o600)
        _public_file(made).replace(_public_file(private))
        made.replace(private)
    return _public_file(private).read_text().strip()
