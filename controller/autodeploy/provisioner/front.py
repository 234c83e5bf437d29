"""What stands between the world and several hosts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autodeploy.contracts import TechStack, health_below
from autodeploy.provisioner.kinds import (
    Certificate,
    Desired,
    Listener,
    LoadBalancer,
    Rule,
    SecurityGroup,
    TargetGroup,
    Targets,
)
from autodeploy.provisioner.kinds.certificate import HTTPS_GROUP, key_for
from autodeploy.provisioner.kinds.listener import KEYS
from autodeploy.provisioner.kinds.load_balancer import BALANCER, LB_GROUP
from autodeploy.provisioner.kinds.security_group import GROUPS
from autodeploy.provisioner.kinds.target_group import TARGET_GROUP
from autodeploy.provisioner.kinds.targets import TARGETS
from autodeploy.settings import Settings

HTTP = 80
HTTPS = 443
WORLD = "0.0.0.0/0"


def host_ports(stack: TechStack, settings: Settings) -> tuple[int, ...]:
    """The hosts' TCP ports that clients or their load balancer reach; TLS ends at the latter."""
    if not stack.answers:
        return ()
    if settings.protocol == "tcp":
        return (settings.port,) if settings.port else ()
    return (HTTP, HTTPS) if settings.ends_tls(stack) else (HTTP,)


def host_rules(stack: TechStack, settings: Settings) -> frozenset[Rule]:
    """Who reaches the hosts: the world, or the load balancer alone."""
    if settings.balanced(stack):
        return frozenset({Rule(LB_GROUP, HTTP, HTTP, kind=GROUPS)})
    return frozenset(Rule(WORLD, port, port) for port in host_ports(stack, settings))


def front(
    stack: TechStack,
    settings: Settings,
    subnets: tuple[str, ...],
    hosts: Sequence[str],
    leaving: Iterable[str] = (),
) -> Iterator[Desired]:
    """The load balancer and its parts, where there is to be one; dependencies first.

    Args:
        stack: For the health path.
        settings: Whether there is one, and under which domain.
        subnets: Logical names of the public subnets.
        hosts: Logical names of the hosts.
        leaving: AWS's identifiers of hosts that others take the place of: they serve until then.
    """
    if not settings.balanced(stack):
        return
    yield _open(LB_GROUP, HTTP)
    groups: tuple[str, ...] = (LB_GROUP,)
    if settings.domain:
        yield _open(HTTPS_GROUP, HTTPS)
        groups = (LB_GROUP, HTTPS_GROUP)
        yield Certificate(key_for(settings.domain), settings.domain)
    yield LoadBalancer(BALANCER, subnets, groups, gateway="internet-gateway")
    path = stack.health_path or "/"
    yield TargetGroup(TARGET_GROUP, "vpc", HTTP, path, health_below(path, settings.health_status))
    yield Targets(TARGETS, TARGET_GROUP, tuple(hosts), frozenset(leaving))
    yield from _listeners(settings.domain)


def _open(key: str, port: int) -> SecurityGroup:
    return SecurityGroup(key, vpc="vpc", ingress=frozenset({Rule(WORLD, port, port)}))


def _listeners(domain: str | None) -> Iterator[Listener]:
    if domain is None:
        yield Listener(KEYS[HTTP], HTTP, BALANCER, TARGET_GROUP)
        return
    yield Listener(KEYS[HTTPS], HTTPS, BALANCER, TARGET_GROUP, key_for(domain), domain)
    # Clients are sent to HTTPS once that answers, which may take its time.
    yield Listener(KEYS[HTTP], HTTP, BALANCER, after=KEYS[HTTPS])
