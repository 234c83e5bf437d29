"""What a machine must have to work on an application's hosts, kept in step between machines.

The SSH keys are one secret of a vault; the inventory and the pinned host keys lie beside the logs.
Who holds the lease shares what it has made before the log says that it is used, so a machine that
dies takes no key with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from autodeploy import privatefile
from autodeploy.flock import locked
from autodeploy.journal.bucket import Bucket
from autodeploy.journal.filelease import holder
from autodeploy.journal.log import writing
from autodeploy.paths import private_folder
from autodeploy.privatefile import unfinished

KEYS = ("id_ed25519*", "hosts/*.key*", "vault.key")
OPEN = ("inventory.json", "known_hosts", "variables.vault")
HERE = "{folder}"
"""Stands for the folder's own path, which is another one on each machine."""


class Vault(Protocol):
    """A place for secrets. All calls raise CloudError where they fail."""

    def get(self, name: str) -> str | None:
        """A secret; None where there is none."""
        ...

    def put(self, name: str, text: str) -> None:
        """Make or change a secret."""
        ...

    def delete(self, name: str) -> None:
        """Remove a secret, if there is one."""
        ...


class Belongings:
    """One application's, on this machine.

    Attributes:
        folder: Where they lie.
    """

    def __init__(self, bucket: Bucket, vault: Vault, name: str, folder: Path) -> None:
        """Nothing is fetched yet; `name` is `APPLICATION/ENVIRONMENT`."""
        self.folder = folder
        self._bucket = bucket
        self._vault = vault
        self._name = name
        self._shared: dict[str, str] = {}
        self._shared_keys: dict[str, str] = {}

    def fetch(self) -> None:
        """Have exactly what was shared last: for who holds the lease."""
        with self._undisturbed():
            self._fetch()

    def look(self) -> None:
        """The same for who only reads; where a process of this machine works here, nothing is done.

        What that one is making is in no vault yet, and would be taken away.
        """
        with self._undisturbed():
            if holder(self.folder) is None:
                self._fetch()

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Inside no other process of this machine fetches: who has just got the lease waits."""
        path = self.folder / "fetch.lock"
        with ExitStack() as held:
            with writing(path):
                held.enter_context(locked(path))
            yield

    def _fetch(self) -> None:
        secret = self._vault.get(self._secret)
        self._shared_keys = json.loads(secret) if secret else {}
        objects = {name: self._bucket.get(self._key(name)) for name in OPEN}
        self._shared = {
            name: one.data.decode() for name, one in objects.items() if one and one.data
        }
        for one in (one for pattern in KEYS for one in unfinished(self.folder / pattern)):
            one.unlink(missing_ok=True)
        self._replace(KEYS, self._shared_keys)
        self._replace(OPEN, self._shared)

    def share(self) -> None:
        """Let others have what there is now."""
        keys, files = self._present(KEYS), self._present(OPEN)
        if keys != self._shared_keys:
            if keys:
                self._vault.put(self._secret, json.dumps(keys))
            else:
                self._vault.delete(self._secret)
            self._shared_keys = keys
        for name in OPEN:
            if files.get(name) != self._shared.get(name):
                self._bucket.write(self._key(name), files.get(name, "").encode())
        self._shared = files

    def _replace(self, patterns: tuple[str, ...], wanted: dict[str, str]) -> None:
        present = self._present(patterns)
        for name in present.keys() - wanted.keys():
            (self.folder / name).unlink(missing_ok=True)
        for name, text in wanted.items():
            if present.get(name) != text:
                self._write(name, text)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        private_folder(path.parent)
        with writing(path):
            privatefile.write(path, text.replace(HERE, str(self.folder)).encode())

    def _present(self, patterns: tuple[str, ...]) -> dict[str, str]:
        """Text by name. A link leads to a key of the user's own, which stays where it is."""
        found: dict[str, str] = {}
        for path in (one for pattern in patterns for one in sorted(self.folder.glob(pattern))):
            with suppress(FileNotFoundError):  # It may be removed at this moment.
                if not path.is_symlink():
                    text = path.read_text().replace(str(self.folder), HERE)
                    found[str(path.relative_to(self.folder))] = text
        return found

    @property
    def _secret(self) -> str:
        return f"autodeploy/{self._name}/ssh-key"

    def _key(self, name: str) -> str:
        return f"applications/{self._name}/{name}"
