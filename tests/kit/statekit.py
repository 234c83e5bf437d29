"""States that tests share."""

from __future__ import annotations

from typing import Any

from autodeploy.contracts import DeploymentConfig


def running(release: str = "r1", **more: Any) -> DeploymentConfig:
    """A release that takes traffic on one host."""
    said = {"url": "http://192.0.2.1/", "health_path": "/", "health_status": 200, **more}
    where = {"artifact": "a", "processes": {}, "hosts": ("host-1",), "fingerprint": "f"}
    return DeploymentConfig(release=release, **where, **said)
