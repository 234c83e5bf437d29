"""Newer packages on hosts, and a reboot where they ask for one, while the others serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from autodeploy.contracts import DeploymentConfig, Host, InfrastructureSpec, health_below
from autodeploy.deployer.balancer import Balancer
from autodeploy.journal import AgentLog
from autodeploy.runner import Ask, Play, host_alias, pin, started, write_inventory

PLAYBOOK = "upgrade.yml"
HTTP = 80


@dataclass
class Upgrade:
    """What has come of one host.

    Attributes:
        host: Its name.
        upgraded: Whether it had older packages.
        rebooted: Whether it was rebooted.
    """

    host: str
    upgraded: bool = False
    rebooted: bool = False


def upgrade(
    spec: InfrastructureSpec,
    chosen: list[Host],
    running: DeploymentConfig | None,
    balancer: Balancer | None,
    folder: Path,
    log: AgentLog,
    *,
    reboots: bool,
) -> list[Upgrade]:
    """Upgrade hosts, one after another; those that have the newest packages are let be.

    Args:
        spec: All hosts of the application.
        chosen: Those that are upgraded; they let us in.
        running: The release that is to answer afterwards; None where there is none.
        balancer: The hosts' load balancer; None where there is none.
        folder: The application's private folder.
        log: The Deployer's log.
        reboots: Whether all are rebooted, also where nothing asks for it.

    Raises:
        HostError: A host failed, or did not come back: those after it are as they were.
    """
    done = {host_alias(spec, host): Upgrade(host.name) for host in chosen}
    variables = {**_looks(running), "upgrade_reboots": reboots, "upgrade_balanced": bool(balancer)}
    some = spec.model_copy(update={"hosts": tuple(chosen)})
    known_hosts = pin(spec.hosts, folder)
    inventory = write_inventory(some, folder / "upgrade.json", known_hosts, variables)
    answers: dict[str, Ask] = {
        **(balancer.answers if balancer else {}),
        "upgraded": partial(_note, done, "upgraded"),
        "rebooted": partial(_note, done, "rebooted"),
    }
    play = Play(playbook=PLAYBOOK, inventory=inventory)
    try:
        with started(play, log, "deployer", answers) as running_play:
            running_play.wait()
    finally:
        if balancer:
            balancer.restore(log)
    return list(done.values())


def _note(done: Mapping[str, Upgrade], what: str, alias: str) -> Mapping[str, Any]:
    setattr(done[alias], what, True)
    return {}


def _looks(running: DeploymentConfig | None) -> dict[str, Any]:
    """What the host asks itself before it serves again."""
    if running is None or running.url is None:
        return {}
    parts = urlsplit(running.url)
    if parts.scheme == "tcp":
        return {"upgrade_port": parts.port}
    below = health_below(running.health_path, running.health_highest)
    return {
        "upgrade_port": HTTP,
        "upgrade_health_path": running.health_path,
        "upgrade_health_below": below,
    }
