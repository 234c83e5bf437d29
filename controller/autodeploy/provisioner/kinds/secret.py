"""Passwords that are made here: of the application's own database user, of its Redis."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.patience import Patience

DATABASE_SECRET, CACHE_SECRET = "database-secret", "cache-secret"  # logical names
NAMED = {DATABASE_SECRET: "database", CACHE_SECRET: "cache"}
CACHE_GROUP = "security-group-cache"
"""Where it never was, nothing else of a Redis is looked for: it is made first and goes last."""
PASSWORD_BYTES = 32  # 43 characters of the URL-safe alphabet
DELETED_SECONDS = 300


@dataclass(frozen=True)
class Secret(Desired):
    """A secret of Secrets Manager whose text is a password that nobody has seen.

    It is asked for by name: Secrets Manager's lists lag minutes behind.

    Attributes:
        after: Logical names of what must be there before it.
    """

    type = "AWS::SecretsManager::Secret"
    id_field = "ARN"
    wave = 1
    after: tuple[str, ...] = ()

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired."""
        wanted = [DATABASE_SECRET, *([CACHE_SECRET] if look.ever_had(CACHE_GROUP) else [])]
        records = (_described(look.cloud, secret_name(look.owner, key)) for key in wanted)
        return [record for record in records if record]

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired. The token makes botocore's own retries adopt what the first try made."""
        token = str(uuid.uuid4())
        intend(token=token)
        owner = site.owner
        answer = site.cloud.secretsmanager().create_secret(
            Name=secret_name(owner, self.key),
            ClientRequestToken=token,
            Description=f"{self.key} of {owner.application} in {owner.environment}",
            # ElastiCache takes no _ in a token.
            SecretString=secrets.token_urlsafe(PASSWORD_BYTES).replace("_", "-"),
            Tags=owner.tags(self.key),  # type: ignore[arg-type]
        )
        return Found(self.key, self.type, answer["ARN"], answer)

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return self.after

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:  # noqa: ARG002
        """See Desired."""
        if not found.record.get("DeletedDate"):
            return []
        return [
            Step(
                "waits for its deletion",
                lambda site: site.cloud.secretsmanager().restore_secret(SecretId=found.id),
            )
        ]

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired. Without what it opens it is good for nothing, and its name is free again."""
        cloud.secretsmanager().delete_secret(SecretId=found.id, ForceDeleteWithoutRecovery=True)

    @classmethod
    def await_deleted(cls, cloud: Cloud, found: Sequence[Found], patience: Patience) -> None:
        """See Desired."""
        for one in found:
            patience.until(
                partial(_is_gone, cloud, one.id),
                seconds=DELETED_SECONDS,
                what=f"the secret {one.id} to be gone",
            )


def secret_name(owner: Owner, key: str) -> str:
    """The name in Secrets Manager of the secret with that logical name."""
    return f"autodeploy/{owner.application}/{owner.environment}/{NAMED[key]}"


def _is_gone(cloud: Cloud, identifier: str) -> bool:
    return _described(cloud, identifier) is None


def _described(cloud: Cloud, identifier: str) -> Mapping[str, Any] | None:
    """AWS's description; None where there is none."""
    try:
        return cloud.secretsmanager().describe_secret(SecretId=identifier)
    except CloudError as error:
        if is_gone(error):
            return None
        raise
