"""What users miss while a deployment is carried out. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.conductor.forecast.intended import Intended
from autodeploy.contracts import (
    Action,
    DeploymentConfig,
    Outage,
    PlannedAction,
    TechStack,
)
from autodeploy.provisioner.kinds import Instance
from autodeploy.settings import Settings

BESIDE = "a new release starts beside the old one, and takes the traffic once it is healthy"


def downtime(intended: Intended) -> Outage:
    """What, for how long, and why; of several outages all of them together."""
    live = intended.running
    if intended.is_nothing:
        return Outage(seconds=0, reason="nothing is changed")
    if live is None:
        return Outage(seconds=0, reason="nothing serves yet")
    hosts = [one.action for one in intended.plan.actions if one.type == Instance.type]
    if hosts and set(hosts) == {Action.CREATE}:
        return Outage(seconds=0, reason="nothing serves now: no host is there any more")
    found = list(dict.fromkeys(_outages(live, intended)))
    if not found:
        served = live.url is not None
        return Outage(seconds=0, reason=BESIDE if served else "no client reaches it")
    seconds = [one.seconds for one in found]
    whole = None if None in seconds else sum(one for one in seconds if one)
    return Outage(seconds=whole, reason="; ".join(one.reason for one in found))


def _outages(live: DeploymentConfig, intended: Intended) -> Iterator[Outage]:
    stack, settings = intended.stack, intended.settings
    takes_turns = settings.balanced(stack) and live.load_balancer and len(live.hosts) > 1
    for one in intended.plan.actions:
        if one.outage and not (takes_turns and _is_one_by_one(one)):
            yield one.outage
    if live.url is None:
        return
    yield from _led_elsewhere(live, stack, settings)
    if is_exclusive(live, settings) and not takes_turns:
        yield Outage(
            seconds=None,
            reason="with a fixed port the old release stops before the new one starts: for as "
            f"long as that takes, at most {settings.health_timeout:g} s on each host",
        )


def is_exclusive(live: DeploymentConfig | None, settings: Settings) -> bool:
    """Whether the live release must stop before the new one can start."""
    fixed = settings.port is not None and settings.protocol == "http"
    return live is not None and (live.is_exclusive or fixed)


def _is_one_by_one(one: PlannedAction) -> bool:
    """Whether hosts go through it in turns, out of their load balancer's rotation."""
    return one.type == Instance.type and one.action is Action.UPDATE


def _led_elsewhere(
    live: DeploymentConfig, stack: TechStack, settings: Settings
) -> Iterator[Outage]:
    """What clients know and what no longer leads to the application."""
    said = (live.url or "").partition("://")
    host = said[2].partition("/")[0]
    if settings.balanced(stack) and not live.load_balancer and host != settings.domain:
        yield Outage(seconds=None, reason=f"{live.url} stops answering: the load balancer does")
    if said[0] == "https" and host != settings.domain:
        yield Outage(seconds=None, reason=f"{live.url} stops answering: {host} is given up")
