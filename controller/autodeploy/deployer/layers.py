"""Dependencies on their way to hosts that are still being prepared.

To unpack them takes as long as to install a package, and needs none. A host gets them as soon as
it is claimed and they are built. Where that fails, the release's own step brings them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from autodeploy.contracts import BuildArtifact, Host, InfrastructureSpec
from autodeploy.journal import AgentLog
from autodeploy.runner import NotSent, Sending, host_alias

CLAIMED = "claimed"
"""What the role `claim` reports, once the host is ours."""
STEP = "send dependencies ahead"


class LayersAhead:
    """Of one play, to all its hosts that are not prepared when it begins."""

    def __init__(
        self,
        spec: InfrastructureSpec,
        known_hosts: Path,
        ready: Collection[str],
        log: AgentLog,
        forks: int,
    ) -> None:
        """Nothing is sent yet.

        Args:
            spec: The hosts.
            known_hosts: Their pinned keys.
            ready: Names of those that are prepared.
            log: The Deployer's log.
            forks: To how many hosts at once.
        """
        hosts = [host for host in spec.hosts if host.name not in ready]
        self._application, self._log = spec.application, log
        self._claimed: dict[str, Future[None]] = {host_alias(spec, one): Future() for one in hosts}
        self._ways = {
            host_alias(spec, one): (one, Sending(one, spec.ssh_key, known_hosts)) for one in hosts
        }
        self._pool = ThreadPoolExecutor(max_workers=forks)
        self._sent: list[Future[None]] = []

    def heard(self, alias: str, facts: Mapping[str, Any]) -> None:
        """Take what a module has reported: perhaps that the host is ours."""
        claimed = self._claimed.get(alias)
        if CLAIMED in facts and claimed and not claimed.done():
            claimed.set_result(None)

    def send(self, artifact: BuildArtifact) -> None:
        """Send each host the artifact's dependencies, as soon as it is ours."""
        layers = [one for one in artifact.layers if one.kind == "dependencies"]
        archives = {one.digest: one.archive for one in layers}
        if archives:
            for alias, claimed in self._claimed.items():
                claimed.add_done_callback(partial(self._begin, alias, archives))

    def wait(self) -> None:
        """Return once nothing is on its way."""
        wait(self._sent)

    def stop(self) -> None:
        """End what is on its way."""
        for _host, sending in self._ways.values():
            sending.stop()
        self._pool.shutdown()

    def _begin(self, alias: str, archives: Mapping[str, Path], _claimed: Future[None]) -> None:
        with suppress(RuntimeError):  # The pool's end: it was stopped.
            self._sent.append(self._pool.submit(self._send, *self._ways[alias], archives))

    def _send(self, host: Host, sending: Sending, archives: Mapping[str, Path]) -> None:
        try:
            with self._log.step(STEP, host.name):
                sending.carry_out(self._application, archives)
        except (NotSent, OSError) as error:
            self._log.info(f"{host.name} gets them with the release instead: {error}")
