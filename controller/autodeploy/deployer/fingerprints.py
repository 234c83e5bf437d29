"""What need not be done again, said by SHA-256."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from autodeploy.contracts import BuildArtifact, Cache, Database, Host, InfrastructureSpec
from autodeploy.runner import roles_digest
from autodeploy.settings import IDENTITY, INFRASTRUCTURE, Settings

SHORT = 12


def release_name(
    artifact: BuildArtifact,
    settings: Settings,
    database: Database | None = None,
    secrets: str | None = None,
    restart: str | None = None,
    cache: Cache | None = None,
) -> str:
    """The release's name on the hosts: what it is made of and runs with has always the same.

    Args:
        artifact: What was built.
        settings: All settings.
        database: Its managed database.
        secrets: The version of its secrets: a digest of values would tell something of them.
        restart: Tells it from one that was made of the same before.
        cache: Its managed Redis.
    """
    where = [one.model_dump(mode="json") if one else None for one in (database, cache)]
    # Our roles too: units that another version writes start beside those of before.
    said = _of_the_release(settings)
    return _digest(artifact.digest, said, where, secrets, restart, roles_digest())[:SHORT]


def deployment_fingerprint(
    artifact: BuildArtifact, settings: Settings, secrets: str | None, restart: str | None
) -> str:
    """What a deployment stands for: all that makes a release, and what it runs on."""
    said = settings.model_dump(mode="json", exclude=set(IDENTITY))
    return _digest(artifact.digest, said, secrets, restart, roles_digest())


def host_fingerprint(spec: InfrastructureSpec, host: Host, variables: dict[str, Any]) -> str:
    """What a prepared host stands for: itself, its image, our roles and their variables."""
    parts = (host.instance_id, host.host_key, host.port, spec.image, variables)
    return _digest(*parts, roles_digest())


def database_fingerprint(spec: InfrastructureSpec) -> str:
    """What a prepared database stands for: itself, the hosts that trust it, our roles."""
    database = spec.database.model_dump(mode="json") if spec.database else None
    return _digest(database, [host.instance_id for host in spec.hosts], roles_digest())


def _of_the_release(settings: Settings) -> dict[str, Any]:
    """The settings without those that only say whose it is, where it runs and what beside it."""
    return settings.model_dump(
        mode="json", exclude={*IDENTITY, *INFRASTRUCTURE, "hooks", "secrets"}
    )


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
