"""Secrets Manager that rotates the secrets which RDS manages, as AWS does."""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.rds.models import rds_backends
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

from autodeploy.lab.databases import operations
from autodeploy.lab.databases.model import LabDBInstance


class LabSecretsManagerBackend(SecretsManagerBackend):
    """A Secrets Manager in which a managed secret's rotation changes the database's password."""

    __module__ = SecretsManagerBackend.__module__  # moto finds a service's urls beside it

    def rotate_secret(
        self, secret_id: str, client_request_token: str | None = None, *args: Any, **kwargs: Any
    ) -> str:
        """Begin the rotation of a managed secret; others are moto's."""
        secret = self.secrets.get(secret_id)
        database = self._database_of(secret.arn) if secret else None
        if secret is None or database is None:
            return str(super().rotate_secret(secret_id, client_request_token, *args, **kwargs))
        if database.status != "available":
            raise InvalidRequestException(
                f"The DB instance {database.db_instance_identifier} is not in available state."
            )
        version = client_request_token or str(uuid.uuid4())
        operations.rotate(database, version)
        return json.dumps({"ARN": secret.arn, "Name": secret.name, "VersionId": version})

    def _database_of(self, arn: str) -> LabDBInstance | None:
        """The database whose master user's password a secret is."""
        databases = rds_backends[self.account_id][self.region_name].databases.values()
        return next(
            (
                one
                for one in databases
                if isinstance(one, LabDBInstance)
                and one.manage_master_user_password
                and one.master_user_secret.secret_arn == arn
            ),
            None,
        )


def install() -> None:
    """Make moto serve this backend; before its first call only."""
    secretsmanager_backends.backend = LabSecretsManagerBackend
