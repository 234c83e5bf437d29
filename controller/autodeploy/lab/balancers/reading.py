"""A load balancer of moto's as the value that its configuration is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from moto.elbv2.models import FakeListener, FakeLoadBalancer, FakeTargetGroup

from autodeploy.lab.balancers.model import (
    Action,
    Certificate,
    Condition,
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    Target,
    TargetGroup,
    Weighted,
)

CONFIGS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
Targets = Callable[[FakeTargetGroup], tuple[tuple[Target, ...], tuple[Target, ...]]]


def group_name(arn: str) -> str:
    """What HAProxy calls a target group: its name and what tells it from its predecessors."""
    return "-".join(["tg", *arn.split("/")[1:]])


def load_balancer(
    balancer: FakeLoadBalancer,
    groups: Iterable[FakeTargetGroup],
    targets: Targets,
    certificate: Callable[[str], Certificate],
) -> LoadBalancer:
    """Read one.

    Args:
        balancer: The load balancer.
        groups: Those that its listeners use.
        targets: A group's registered targets, and those that are leaving.
        certificate: The certificate that an ARN stands for.
    """
    attributes = {key: str(value) for key, value in balancer.attrs.items()}
    return LoadBalancer(
        name=balancer.name,
        idle_timeout=int(attributes.get("idle_timeout.timeout_seconds", 60)),
        http2=attributes.get("routing.http2.enabled", "true") == "true",
        forwarded_for=attributes.get("routing.http.xff_header_processing.mode", "append"),
        client_port=attributes.get("routing.http.xff_client_port.enabled") == "true",
        listeners=tuple(_listener(one, certificate) for one in balancer.listeners.values()),
        target_groups=tuple(_group(one, *targets(one)) for one in groups),
    )


def _listener(listener: FakeListener, certificate: Callable[[str], Certificate]) -> Listener:
    *rules, default = listener.rules.values()
    rules.sort(key=lambda rule: int(rule.priority))
    return Listener(
        port=int(listener.port),
        protocol=listener.protocol,
        policy=listener.ssl_policy or "",
        certificates=tuple(certificate(arn) for arn in listener.certificates),
        rules=tuple(
            Rule(
                conditions=tuple(condition(one) for one in rule.conditions),
                action=action([one.data for one in rule.actions]),
            )
            for rule in rules
        ),
        default=action([one.data for one in default.actions]),
    )


def condition(said: dict[str, Any]) -> Condition:
    """A rule's condition, in either of the forms that AWS takes."""
    name = said["Field"]
    config = said.get(CONFIGS[name]) or {}
    values: Any = config.get("Values") or said.get("Values") or ()
    if name == "query-string":
        return _query(values)
    return Condition(field=name, key=config.get("HttpHeaderName"), values=tuple(values))


def _query(pairs: list[dict[str, str]]) -> Condition:
    """HAProxy asks for one parameter at a time: pairs of other keys are not looked at."""
    key = pairs[0].get("Key")
    return Condition(
        field="query-string",
        key=key,
        values=tuple(one["Value"] for one in pairs if one.get("Key") == key),
    )


def action(said: list[dict[str, Any]]) -> Action:
    """The action that answers: the last one."""
    last = max(said, key=lambda one: int(one.get("Order") or 0))
    if last["Type"] == "redirect":
        return _redirect(last["RedirectConfig"])
    if last["Type"] == "fixed-response":
        config = last["FixedResponseConfig"]
        return FixedResponse(
            status=int(config["StatusCode"]),
            content_type=config.get("ContentType") or "text/plain",
            body=config.get("MessageBody") or "",
        )
    groups = (last.get("ForwardConfig") or {}).get("TargetGroups") or [last]
    return Forward(
        target_groups=tuple(
            Weighted(
                target_group=group_name(one["TargetGroupArn"]), weight=int(one.get("Weight", 1))
            )
            for one in groups
        )
    )


def _redirect(config: dict[str, Any]) -> Redirect:
    parts = {part.lower(): config[part] for part in ("Protocol", "Host", "Path", "Query")
             if config.get(part) is not None}  # fmt: skip
    if config.get("Port"):
        parts["port"] = str(config["Port"])
    return Redirect(status=int(config["StatusCode"].removeprefix("HTTP_")), **parts)


def _group(
    group: FakeTargetGroup, targets: tuple[Target, ...], draining: tuple[Target, ...]
) -> TargetGroup:
    attributes = {key: str(value) for key, value in group.attributes.items()}
    sticky = attributes.get("stickiness.enabled") == "true"
    sticky = sticky and attributes.get("stickiness.type") == "lb_cookie"
    lasts = int(attributes.get("stickiness.lb_cookie.duration_seconds", 86400))
    return TargetGroup(
        name=group_name(group.arn),
        protocol=group.protocol,
        version=group.protocol_version or "HTTP1",
        algorithm=attributes["load_balancing.algorithm.type"],
        stickiness=lasts if sticky else None,
        slow_start=int(attributes["slow_start.duration_seconds"]),
        health_check=_health_check(group),
        targets=targets,
        draining=draining,
    )


def _health_check(group: FakeTargetGroup) -> HealthCheck:
    port = group.health_check_port
    return HealthCheck(
        protocol=group.health_check_protocol,
        port=None if port in {None, "traffic-port"} else int(port),
        path=group.health_check_path or "/",
        matcher=group.matcher.get("HttpCode") or "200",
        interval=int(group.health_check_interval_seconds),
        timeout=int(group.health_check_timeout_seconds),
        healthy_threshold=int(group.healthy_threshold_count),
        unhealthy_threshold=int(group.unhealthy_threshold_count),
    )
