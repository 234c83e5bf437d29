"""A failed release as what it means to the user: the hop that broke, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodeploy.errors import TaskFailed, UnhealthyRelease

HOPS = {
    "exited": "process",
    "command": "release command",
    "hook": "hook before_deploy",
    "timeout": "process",
    "bad-status": "process",
    "not-listening": "port",
    "no-page": "files",
}


def unhealthy(error: TaskFailed) -> UnhealthyRelease | None:
    """The failed task, where it is the health gate's; None otherwise."""
    reported = error.reported
    if reported.get("healthy") is False:
        return UnhealthyRelease(
            f"the new release is not healthy ({_hop(reported)}); it got no traffic and was stopped",
            cause="\n".join([error.cause or "", *reported.get("journal", ())]),
            step="health check",
            host=error.host,
            remediation=_advice(reported),
        )
    if "switched" in reported:
        message, remediation = _at_the_proxy(reported)
        return UnhealthyRelease(
            f"{message} (proxy)",
            cause=error.cause,
            step="health check",
            host=error.host,
            remediation=remediation,
        )
    return None


def _at_the_proxy(reported: Mapping[str, Any]) -> tuple[str, str]:
    """What is the matter with nginx, and what to do."""
    if reported.get("reason") == "no-nginx":
        return (
            "nginx is not running there, and does not start",
            "`sudo systemctl status nginx` and `sudo nginx -t` on the host (`autodeploy ssh`) say "
            "why; mend that, then deploy again.",
        )
    healthy = "the new release is healthy" if not reported["switched"] else "the release is live"
    return (
        f"{healthy}, but nginx does not reach it",
        "Look at /var/log/nginx/error.log on the host, then deploy again.",
    )


def _hop(reported: Mapping[str, Any]) -> str:
    return HOPS.get(str(reported.get("reason")), "process")


def _advice(reported: Mapping[str, Any]) -> str | None:
    if reported.get("reason") == "command":
        return "Mend the release command; its last lines are told with this. Nothing was switched."
    if reported.get("reason") == "hook":
        return "Mend the hook; its last lines are told with this. Nothing was switched."
    if reported.get("reason") == "no-page":
        return "Set `output` to the folder that the build makes, or `health_path` to a file in it."
    ports = ", ".join(str(port) for port in reported.get("listening") or ())
    if reported.get("reason") == "not-listening" and ports:
        return f"Let the application listen on $PORT, or set `port: {ports}` in autodeploy.yml."
    return None
