"""Hosts behind their load balancer while they are released to, one batch after another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import tenacity

from autodeploy import stopping
from autodeploy.aws import Cloud
from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.deployer.targets import described, groups_of, target_health
from autodeploy.errors import CloudError, ResourceFailed
from autodeploy.journal import AgentLog
from autodeploy.runner import Ask, host_alias

LEFT_SECONDS, HEALTHY_SECONDS = 600, 300
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5
HEALTHY, NOT_HEALTHY = "healthy", "is not healthy for its load balancer"


class Balancer:
    """What the play asks of the hosts' load balancer. Without one nothing is done.

    A release that starts beside the one before loses no request, so its host stays in; the next
    batch waits until the balancer finds the host healthy. Where the one before must stop first,
    the host leaves before that, and comes in again afterwards.
    """

    def __init__(self, cloud: Cloud, spec: InfrastructureSpec, *, is_left: bool) -> None:
        """`is_left` says whether a host cannot serve while it is released to."""
        self._cloud, self._spec = cloud, spec
        self.is_left = is_left and len(spec.hosts) > 1
        self._groups = groups_of(spec)
        self._hosts = {host_alias(spec, host): host for host in spec.hosts}
        self._was_healthy = self._healthy()
        self._away: dict[str, Host] = {}
        self._lock = threading.Lock()

    @property
    def answers(self) -> dict[str, Ask]:
        """What answers the play's questions, by question."""
        return {"leave": self._leave, "enter": self._enter}

    def settle(self, seconds: float = HEALTHY_SECONDS) -> None:
        """Return once the balancer finds every host healthy; each has so long.

        Raises:
            ResourceFailed: It does not in time.
            CloudError: AWS could not be asked.
        """
        for host in self._hosts.values():
            self._until(partial(self._is_healthy, host), seconds, host, NOT_HEALTHY)
        self._was_healthy = self._healthy()

    def readmit(self, log: AgentLog) -> None:
        """Let in again what a killed controller has left outside.

        Raises:
            CloudError: AWS refused.
        """
        there = self._states()
        for host in self._hosts.values():
            if host.instance_id not in there:
                log.warning(f"{host.name} was out of its load balancer: it comes in again")
                self._register(host)

    def restore(self, log: AgentLog) -> None:
        """Let in again every host that has left and not come back."""
        for host in list(self._away.values()):
            try:
                with stopping.unguarded():
                    self._register(host)
            except CloudError as error:
                log.warning(f"{host.name} is out of the load balancer: {error}; deploy again")

    def _leave(self, alias: str) -> dict[str, Any]:
        host = self._hosts[alias]
        with self._lock:
            self._away[alias] = host
            for group in self._groups:
                self._cloud.elbv2().deregister_targets(TargetGroupArn=group, Targets=_target(host))
        gone = lambda: host.instance_id not in self._states()  # noqa: E731
        self._until(gone, LEFT_SECONDS, host, "has not ended what it serves")
        return {}

    def _enter(self, alias: str) -> dict[str, Any]:
        host = self._hosts[alias]
        if alias in self._away:
            self._register(host)
            del self._away[alias]
        if host.instance_id in self._was_healthy:
            self._until(partial(self._is_healthy, host), HEALTHY_SECONDS, host, NOT_HEALTHY)
        return {}

    def _register(self, host: Host) -> None:
        for group in self._groups:
            self._cloud.elbv2().register_targets(TargetGroupArn=group, Targets=_target(host))

    def _states(self) -> dict[str, str]:
        found = described(self._cloud, self._groups)
        return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}

    def _is_healthy(self, host: Host) -> bool:
        return host.instance_id in self._healthy()

    def _healthy(self) -> set[str]:
        return {one for one, state in self._states().items() if state == HEALTHY}

    def _until(self, condition: Callable[[], bool], seconds: float, host: Host, what: str) -> None:
        retry = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda met: not met),
            wait=tenacity.wait_exponential_jitter(
                multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS
            ),
            stop=tenacity.stop_after_delay(seconds) | _Asked(),
        )
        try:
            retry(condition)
        except tenacity.RetryError:
            stopping.check()
            raise ResourceFailed(
                f"{host.name} {what} after {seconds:.0f} s",
                cause=target_health(self._cloud, self._spec),
            ) from None


class _Asked(tenacity.stop.stop_base):
    """Ends a wait where the user has asked to stop."""

    def __call__(self, _: tenacity.RetryCallState) -> bool:
        return stopping.is_asked()


def _target(host: Host) -> Any:
    return [{"Id": str(host.instance_id)}]
