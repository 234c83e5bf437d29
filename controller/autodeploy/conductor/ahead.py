"""Ansible started ahead: its own start takes as long as reading, building and looking together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodeploy import deployer
from autodeploy.conductor.standing import standing
from autodeploy.contracts import DeploymentState, TechStack
from autodeploy.journal import AgentLog
from autodeploy.runner import login_key, open_early, pin
from autodeploy.settings import Settings


@contextmanager
def ahead(
    before: DeploymentState | None,
    stack: TechStack,
    settings: Settings,
    is_surely_new: bool,
    folder: Path,
    log: AgentLog,
) -> Iterator[deployer.Rollout | None]:
    """The play over the hosts that are there, where there will surely be a new release.

    Nothing reaches a host before the play is told; where it turns out not to fit, it is left.

    Args:
        before: The deployment that is up; None for none: then there is no play either.
        stack: What is deployed.
        settings: All settings.
        is_surely_new: Whether another release will be made.
        folder: The application's private folder.
        log: The Deployer's log.
    """
    if before is None or not (before.hosts and is_surely_new):
        yield None
        return
    spec = standing(before, before.hosts, settings, settings.ssh_key or login_key(folder))
    if settings.target == "ssh":
        # Elsewhere SSH is shut yet.
        known_hosts = pin(spec.hosts, folder)
        for host in spec.hosts:
            given = (host, spec.ssh_key, known_hosts)
            threading.Thread(target=open_early, args=given, daemon=True).start()
    ready = {host.name for host in spec.hosts}
    asks = settings.engine(stack) is not None
    nothing = deployer.Securing({}, frozenset(ready))
    with deployer.start(spec, {}, ready, nothing, asks, folder, log, settings.forks) as early:
        yield early
