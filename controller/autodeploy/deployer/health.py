"""One look at the application from outside, as its users see it."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import tenacity

from autodeploy.contracts import DeploymentState, Host
from autodeploy.deployer.variables import health_below
from autodeploy.errors import UnhealthyRelease
from autodeploy.journal import AgentLog
from autodeploy.runner import ask, pin

LOOK_SECONDS = 5
GATE_SECONDS = 30


def status_of(url: str, path: str, seconds: float = LOOK_SECONDS) -> int:
    """The HTTP status of `path` below `url`, redirects not followed, no proxy asked.

    Raises:
        OSError, http.client.HTTPException: There was no answer.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=seconds)
    try:
        connection.request("GET", path, headers={"User-Agent": "autodeploy"})
        return connection.getresponse().status
    finally:
        connection.close()


def is_healthy(url: str, path: str) -> bool:
    """Whether the application answers well now."""
    try:
        return 200 <= status_of(url, path) < health_below(path)
    except (OSError, http.client.HTTPException):
        return False


def is_live(state: DeploymentState, host: Host, folder: Path) -> bool:
    """Whether the host with the pinned key has the traffic led to the state's release.

    An address alone proves nothing: another application may have been given it since.
    """
    if state.deployment is None:
        return False
    current = f"/srv/{state.application}/current"
    seen = ask(host, folder / "id_ed25519", pin(state.hosts, folder), "readlink", current)
    return seen is not None and seen.rstrip("\n").endswith(f"/{state.deployment.release}")


def gate(url: str, path: str, log: AgentLog, seconds: float = GATE_SECONDS) -> int:
    """The status, once it is a good one.

    Raises:
        UnhealthyRelease: It was not within `seconds`; names the hop, since behind it all is well.
    """
    retry = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type((OSError, http.client.HTTPException))
        | tenacity.retry_if_result(lambda status: not 200 <= status < health_below(path)),
        wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=2),
        stop=tenacity.stop_after_delay(seconds),
    )
    with log.step("look from outside"):
        try:
            return retry(status_of, url, path)
        except tenacity.RetryError as error:
            last = error.last_attempt
            seen = last.exception() if last.failed else f"status {last.result()}"
            raise UnhealthyRelease(
                f"{url.rstrip('/')}{path} does not answer from here, but it does on the host",
                cause=str(seen),
                step="look from outside",
                remediation="Check the security group and the firewall between here and the host.",
            ) from None
