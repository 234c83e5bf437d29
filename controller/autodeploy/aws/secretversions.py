"""An application's secrets in Secrets Manager: one secret, of which each change is a version."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from autodeploy.aws.cloud import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.aws.vault import restored, until_free
from autodeploy.errors import CloudError, SecretsLost

LABELS = 10
"""So many versions are kept: AWS drops those without a label. A secret has 20 labels at most."""
CURRENT = "AWSCURRENT"


class SecretVersions:
    """See autodeploy.conductor.kept.Kept.

    A secret of ours that somebody has scheduled for deletion is restored when it is used. Whether
    there is one is asked first: a policy that goes by tags refuses all else on one that is not.
    """

    kind = "AWS::SecretsManager::Secret"

    def __init__(self, cloud: Cloud, name: str, tags: Sequence[Mapping[str, str]]) -> None:
        """No call is made yet; `tags` are for the secret when it is made."""
        self._manager = cloud.secretsmanager()
        self._name, self._tags = name, tags

    def get(self, version: str) -> dict[str, str]:
        """See Kept."""
        found = self._read(VersionId=version)
        if found is None:
            raise SecretsLost(self._lacks(version))
        return found[1]

    def missing(self, version: str) -> str | None:
        """See Kept. Only what has a label counts: AWS drops the rest when it likes."""
        found = self._described() or {}
        if found.get("DeletedDate"):
            return f"the secret {self._name} is scheduled for deletion"
        return None if version in found.get("VersionIdsToStages", ()) else self._lacks(version)

    def current(self) -> tuple[str, dict[str, str]] | None:
        """The version that AWS calls current, and its values; None where there is none."""
        return self._read(VersionStage=CURRENT)

    def put(self, version: str, number: int, values: Mapping[str, str]) -> str:
        """See Kept. The label that a version gets is taken from the one that had it before."""
        identifier = until_free(self._made)
        self._manager.put_secret_value(
            SecretId=self._name,
            ClientRequestToken=version,
            SecretString=json.dumps(dict(values)),
            VersionStages=[CURRENT, f"autodeploy-{number % LABELS}"],
        )
        return identifier

    def find(self) -> str | None:
        """See Kept."""
        found = self._described()
        return found["ARN"] if found else None

    def delete(self) -> None:
        """See Kept. Its name is free again in a moment."""
        if self._described() is None:
            return
        try:
            self._manager.delete_secret(SecretId=self._name, ForceDeleteWithoutRecovery=True)
        except CloudError as error:
            if not is_gone(error):
                raise

    def _lacks(self, version: str) -> str:
        return f"the secret {self._name} has no version {version} any more"

    def _made(self) -> str:
        """Its ARN. It is made without a value: a first version that came with it had no label."""
        found = self._described()
        if found is None:
            made = self._manager.create_secret(Name=self._name, Tags=self._tags)  # type: ignore[arg-type]
            return made["ARN"]
        if found.get("DeletedDate"):
            restored(self._manager, self._name)
        return str(found["ARN"])

    def _described(self) -> Mapping[str, Any] | None:
        try:
            return self._manager.describe_secret(SecretId=self._name)
        except CloudError as error:
            if is_gone(error):
                return None
            raise

    def _read(self, **which: str) -> tuple[str, dict[str, str]] | None:
        """A version's name and its values; None where there is none."""
        found = self._described()
        if found is None or (found.get("DeletedDate") and not restored(self._manager, self._name)):
            return None
        try:
            said = self._manager.get_secret_value(SecretId=self._name, **which)
        except CloudError as error:
            if is_gone(error):
                return None
            raise
        return said["VersionId"], json.loads(said["SecretString"])
