"""Secrets that several machines share, in Secrets Manager."""

from __future__ import annotations

from autodeploy.aws.cloud import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.aws.grants import MANAGED, MANAGER
from autodeploy.errors import CloudError


class SecretsVault:
    """See autodeploy.journal.belongings.Vault."""

    def __init__(self, cloud: Cloud) -> None:
        self._manager = cloud.secretsmanager()

    def get(self, name: str) -> str | None:
        """See Vault."""
        try:
            return self._manager.get_secret_value(SecretId=name)["SecretString"]
        except CloudError as error:
            if is_gone(error):
                return None
            raise

    def put(self, name: str, text: str) -> None:
        """See Vault."""
        try:
            self._manager.put_secret_value(SecretId=name, SecretString=text)
        except CloudError as error:
            if not is_gone(error):
                raise
            tags = [{"Key": MANAGED, "Value": MANAGER}]
            self._manager.create_secret(Name=name, SecretString=text, Tags=tags)  # type: ignore[arg-type]

    def delete(self, name: str) -> None:
        """See Vault. The name is free again at once."""
        try:
            self._manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except CloudError as error:
            if not is_gone(error):
                raise
