"""A target group as a backend of HAProxy.

Each target is there twice: with health checks, and as a backup without. Backups are used, all of
them, where no target is healthy: AWS calls that failing open.
"""

from __future__ import annotations

import hashlib

from autodeploy.lab.balancers.answers import answer, error, page, quoted
from autodeploy.lab.balancers.model import HealthCheck, Target, TargetGroup

ALGORITHMS = {
    "round_robin": "roundrobin",
    "least_outstanding_requests": "leastconn",
    "weighted_random": "random",
}
BACKUP = "backup-"


def backend(group: TargetGroup) -> list[str]:
    """The lines of a target group's section."""
    lines = [f"backend {group.name}"]
    if not group.targets:
        return [*lines, f"  {answer(503, 'text/html', page(503))}"]
    steps = [f"balance {ALGORITHMS.get(group.algorithm, 'roundrobin')}", "option allbackups"]
    if group.stickiness:
        steps.append(f"cookie AWSALB insert indirect maxlife {group.stickiness}s")
    steps += [*_refused(), *_check(group.health_check)]
    steps += [_server(group, one) for one in group.targets]
    steps += [_backup(group, one) for one in group.targets]
    return [*lines, *(f"  {step}" for step in steps)]


def _refused() -> list[str]:
    """AWS says 502 where it cannot reach a target; HAProxy's 503 there means that there is none."""
    return [
        error(503, shown=502),
        "http-response set-var(txn.answered) bool(true)",
        'http-after-response set-status 502 reason "Bad Gateway"'
        " if { status 503 } !{ var(txn.answered) -m bool }",
    ]


def _check(check: HealthCheck) -> list[str]:
    host = "%[srv_name]" if check.port is None else f"%[srv_name,field(1,:)]:{check.port}"
    return [
        "option httpchk",
        f"http-check send meth GET uri {quoted(check.path)} ver HTTP/1.1"
        f" hdr host {host} hdr user-agent ELB-HealthChecker/2.0 hdr connection close",
        f"http-check expect status {check.matcher.replace(' ', '')}",
        f"timeout check {check.timeout}s",
    ]


def _server(group: TargetGroup, target: Target) -> str:
    check = group.health_check
    rise = check.healthy_threshold if target.tried else 1
    said = f"{_reached(group, target, target.name)} check inter {check.interval}s"
    said += f" rise {rise} fall {check.unhealthy_threshold}"
    if check.port is not None:
        said += f" port {check.port}"
    if check.protocol == "HTTPS" and group.protocol == "HTTP":
        said += " check-ssl verify none"
    if check.protocol == "HTTP" and group.protocol == "HTTPS":
        said += " no-check-ssl"
    if group.slow_start:
        said += f" slowstart {group.slow_start}s"
    return said


def _backup(group: TargetGroup, target: Target) -> str:
    return f"{_reached(group, target, BACKUP + target.name)} backup"


def _reached(group: TargetGroup, target: Target, name: str) -> str:
    said = f"server {name} {target.name}"
    if group.protocol == "HTTPS":
        said += " ssl verify none"
    if group.version in {"HTTP2", "GRPC"}:
        said += " proto h2"
    if group.stickiness:
        said += f" cookie {hashlib.sha256(target.name.encode()).hexdigest()[:16]}"
    return said
