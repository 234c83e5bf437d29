"""One running load balancer: it makes its HAProxy be what is wanted, in a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator

from autodeploy.errors import AutodeployError, LabBroken
from autodeploy.lab.appliances import Appliance
from autodeploy.lab.balancers import config, health
from autodeploy.lab.balancers.haproxy import Counts, HAProxy, Row, Server
from autodeploy.lab.balancers.health import TargetHealth
from autodeploy.lab.balancers.model import LoadBalancer
from autodeploy.lab.balancers.trials import Trials
from autodeploy.lab.host import Host

log = logging.getLogger(__name__)
BOOT_SECONDS = 60
LOOK_SECONDS = 0.3


class Balancer:
    """A load balancer's host, and what its HAProxy is to do."""

    def __init__(
        self, appliance: Appliance, wanted: LoadBalancer, active: Callable[[], None]
    ) -> None:
        self._appliance = appliance
        self._haproxy = HAProxy(appliance.host)
        self._active = active
        self._wanted = wanted
        self._seen: LoadBalancer | None = None
        self._applied = ""
        self._trials = Trials()
        self._leaving: dict[Server, float] = {}
        self._alive = False
        self._ended = False
        self._change = threading.Condition()

    def boot(self, failed: Callable[[AutodeployError | OSError], None]) -> None:
        """Begin to boot; `failed` is called where it cannot live."""

        def gone(error: AutodeployError | OSError) -> None:
            self._end()
            failed(error)

        self._appliance.boot(self._ready, gone)

    def want(self, wanted: LoadBalancer) -> None:
        """Be this soon; what was wanted before and is not yet applied is left out."""
        with self._change:
            self._wanted = wanted
            self._change.notify()

    def drain(self, server: Server, until: float) -> None:
        """At this time (of the monotonic clock) end what is still running on a target."""
        with self._change:
            self._leaving[server] = until
            self._change.notify()

    def health(self) -> Callable[[Server], TargetHealth]:
        """How its targets are, all of them seen at the same moment."""
        rows: dict[Server, Row] = {}
        with contextlib.suppress(LabBroken):
            rows = self._haproxy.health() if self._alive else {}
        tried = set(self._trials.tried)
        return lambda server: health.of(rows.get(server), server in tried)

    def counts(self) -> Counts:
        """What it has done since it was last told to do something else.

        Raises:
            LabBroken: It does not answer.
        """
        return self._haproxy.counts() if self._alive else Counts()

    def destroy(self) -> None:
        """End it and leave nothing of it."""
        self._end()
        self._appliance.destroy()

    def _end(self) -> None:
        with self._change:
            self._ended = True
            self._change.notify()

    def _ready(self, _: Host) -> None:
        self._wait_for_haproxy()
        self._alive = True
        self._work(self._take())
        self._active()
        threading.Thread(target=self._follow, daemon=True).start()

    def _wait_for_haproxy(self) -> None:
        deadline = time.monotonic() + BOOT_SECONDS
        while not self._ended:
            try:
                self._haproxy.alive()
                break
            except LabBroken:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _follow(self) -> None:
        for wanted in self._changes():
            try:
                self._work(wanted)
            except LabBroken:
                if not self._ended:
                    log.exception("%s was not changed", wanted.name)

    def _changes(self) -> Iterator[LoadBalancer]:
        """What is wanted, whenever there is something to do."""
        while True:
            with self._change:
                self._change.wait_for(self._has_news, timeout=self._pause())
                if self._ended:
                    return
            yield self._take()

    def _has_news(self) -> bool:
        return self._ended or self._wanted is not self._seen

    def _pause(self) -> float | None:
        """Seconds until there is something to look at; None where a change will tell."""
        waits = [until - time.monotonic() for until in self._leaving.values()]
        if self._trials.pending(self._wanted):
            waits.append(LOOK_SECONDS)
        return max(0.0, min(waits)) if waits else None

    def _take(self) -> LoadBalancer:
        with self._change:
            self._seen = self._wanted
            return self._wanted

    def _work(self, wanted: LoadBalancer) -> None:
        if self._trials.pending(wanted) and self._applied:
            self._trials.observe(wanted, self._haproxy.health(), time.monotonic())
        told = self._trials.told(wanted)
        text = config.text(told)
        if text != self._applied:
            self._applied = text
            self._haproxy.apply(told)
        self._end_sessions(wanted)

    def _end_sessions(self, wanted: LoadBalancer) -> None:
        now = time.monotonic()
        with self._change:
            due = [server for server, until in self._leaving.items() if until <= now]
            for server in due:
                del self._leaving[server]
        back = {(one.name, target.name) for one in wanted.target_groups for target in one.targets}
        if gone := [server for server in due if server not in back]:
            self._haproxy.end_sessions(gone)
