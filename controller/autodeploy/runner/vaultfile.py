"""An application's secrets in a file of Ansible Vault's, beside its SSH key.

`ansible-vault view --vault-password-file vault.key variables.vault` shows it to who has both.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from autodeploy import privatefile
from autodeploy.errors import SecretsLost, StateError

if TYPE_CHECKING:
    from ansible.parsing.vault import VaultLib

KEY, FILE = "vault.key", "variables.vault"
VERSIONS = 10
"""So many are kept, the newest."""
KEY_BYTES = 32


class VaultFile:
    """See autodeploy.conductor.kept.Kept."""

    kind = "Ansible::Vault::File"

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet; `folder` is the application's private one."""
        self._file, self._key = folder / FILE, folder / KEY

    def get(self, version: str) -> dict[str, str]:
        """See Kept."""
        values = self._versions().get(version)
        if values is None:
            raise SecretsLost(f"{self._file} has no version {version}")
        return values

    def missing(self, version: str) -> str | None:
        """See Kept."""
        try:
            self.get(version)
        except SecretsLost as error:
            return str(error)
        return None

    def put(self, version: str, number: int, values: Mapping[str, str]) -> None:  # noqa: ARG002
        """See Kept. A file without its key is good for nothing: it begins anew."""
        if not self._key.is_file():
            self._file.unlink(missing_ok=True)
            _write(self._key, secrets.token_urlsafe(KEY_BYTES).encode())
        together = {**self._versions(), version: dict(values)}
        newest = dict(list(together.items())[-VERSIONS:])
        _write(self._file, self._vault().encrypt(json.dumps(newest)))

    def find(self) -> str | None:
        """See Kept. What a killed run has left of it counts."""
        return next((str(one) for one in self._all() if one.is_file()), None)

    def delete(self) -> None:
        """See Kept."""
        for one in self._all():
            one.unlink(missing_ok=True)

    def _all(self) -> list[Path]:
        known = [self._file, self._key]
        return [*known, *(one for path in known for one in privatefile.unfinished(path))]

    def _versions(self) -> dict[str, dict[str, str]]:
        """Values by name by version, the oldest first."""
        if not self._file.is_file():
            return {}
        from ansible.errors import AnsibleError  # Takes a second to import, and few have a file.

        try:
            found: dict[str, dict[str, str]] = json.loads(
                self._vault().decrypt(self._file.read_bytes())
            )
        except (AnsibleError, ValueError, OSError) as error:
            why = str(error) if isinstance(error, OSError) else f"{KEY} beside it does not open it"
            raise SecretsLost(f"{self._file} cannot be read", cause=why) from None
        return found

    def _vault(self) -> VaultLib:
        from ansible.parsing.vault import VaultLib, VaultSecret

        return VaultLib([("default", VaultSecret(self._key.read_bytes()))])


def _write(path: Path, data: bytes) -> None:
    try:
        privatefile.write(path, data)
    except OSError as error:
        raise StateError(f"cannot write {path}", cause=str(error), step="secrets") from error
