"""One look at the application from outside, as its users see it."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import tenacity

from autodeploy.contracts import DeploymentConfig
from autodeploy.deployer.variables import health_below
from autodeploy.errors import UnhealthyRelease
from autodeploy.journal import AgentLog

LOOK_SECONDS = 5
LONGEST_BODY = 4096
RELEASE_PATH = "/.well-known/autodeploy"  # the proxy role's: the release that takes the traffic
GATE_SECONDS = 30


def get(url: str, path: str, seconds: float = LOOK_SECONDS) -> tuple[int, bytes]:
    """The HTTP status of `path` below `url` and the beginning of the body.

    Redirects are not followed, and no proxy is asked.

    Raises:
        OSError, http.client.HTTPException: There was no answer.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=seconds)
    try:
        connection.request("GET", path, headers={"User-Agent": "autodeploy"})
        answer = connection.getresponse()
        return answer.status, answer.read(LONGEST_BODY)
    finally:
        connection.close()


def is_live(url: str, config: DeploymentConfig) -> bool:
    """Whether what answers at the address is the release, and answers well.

    An address alone proves nothing: another application may have been given it since.
    """
    try:
        status, _ = get(url, config.health_path)
        if not 200 <= status < health_below(config.health_path):
            return False
        return get(url, RELEASE_PATH) == (200, f"{config.release}\n".encode())
    except (OSError, http.client.HTTPException):
        return False


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
            return retry(lambda: get(url, path)[0])
        except tenacity.RetryError as error:
            last = error.last_attempt
            seen = last.exception() if last.failed else f"status {last.result()}"
            raise UnhealthyRelease(
                f"{url.rstrip('/')}{path} does not answer from here, but it does on the host",
                cause=str(seen),
                step="look from outside",
                remediation="Check the security group and the firewall between here and the host.",
            ) from None
