"""States that tests share."""

from __future__ import annotations

from typing import Any

from autodeploy.contracts import DeploymentConfig
from autodeploy.journal import Journal, Store

SAID = {"operation": "deploy", "application": "shop", "environment": "production"}
REST = {"target": "lab", "region": None, "repository": None, "tool_version": "0"}
"""What a log begins with, where it does not matter."""


def created(store: Store, **other: Any) -> Journal:
    """The log of a deployment to the lab, where nothing else is said."""
    return store.create(**{**SAID, **REST, **other})


def running(release: str = "r1", **more: Any) -> DeploymentConfig:
    """A release that takes traffic on one host."""
    said = {"url": "http://192.0.2.1/", "health_path": "/", "health_status": 200, **more}
    where = {"artifact": "a", "processes": {}, "hosts": ("host-1",), "fingerprint": "f"}
    return DeploymentConfig(release=release, **where, **said)
