"""What one load balancer is to do: the values that its configuration is made from."""

from __future__ import annotations

import hashlib
import re
from ipaddress import IPv4Address, ip_network
from typing import Annotated, Literal, Self

from pydantic import SecretStr, StringConstraints, model_validator

from autodeploy.contracts import Contract

Protocol = Literal["HTTP", "HTTPS"]
# Words that stand in haproxy.cfg as they are.
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]*$")]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.~-]{1,128}$")]
Codes = Annotated[str, StringConstraints(pattern=r"^\d{3}(-\d{3})?( ?, ?\d{3}(-\d{3})?)*$")]
Field = Literal[
    "path-pattern", "host-header", "http-header", "http-request-method", "query-string", "source-ip"
]


class Certificate(Contract):
    """A certificate with its chain and its key, as HAProxy reads them from one file."""

    pem: SecretStr

    @property
    def path(self) -> str:
        """The file that holds it; another certificate has another path."""
        digest = hashlib.sha256(self.pem.get_secret_value().encode()).hexdigest()
        return f"/etc/haproxy/certificates/{digest[:16]}.pem"


class Weighted(Contract):
    """A target group's share of a forward action."""

    target_group: str
    weight: int = 1


class Forward(Contract):
    """To one of these target groups, by their weights."""

    type: Literal["forward"] = "forward"
    target_groups: tuple[Weighted, ...]


class Redirect(Contract):
    """To another address; the parts may hold #{protocol}, #{host}, #{port}, #{path}, #{query}."""

    type: Literal["redirect"] = "redirect"
    protocol: Word = "#{protocol}"
    host: Word = "#{host}"
    port: Word = "#{port}"
    path: Word = "/#{path}"
    query: Word = "#{query}"
    status: Literal[301, 302]


class FixedResponse(Contract):
    """An answer of the balancer's own."""

    type: Literal["fixed-response"] = "fixed-response"
    status: int
    content_type: str = "text/plain"
    body: str = ""


Action = Forward | Redirect | FixedResponse


class Condition(Contract):
    """What a request must be like; one of the values is enough.

    Attributes:
        field: Which part of the request.
        key: The header's or parameter's name, where the field has one.
        values: Patterns with * and ?, methods, or address ranges.
    """

    field: Field
    key: Token | None = None
    values: tuple[str, ...]

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.field in {"http-header", "query-string"} and not self.key:
            raise ValueError(f"the lab compares a {self.field} by its name only")
        for value in self.values:
            if self.field == "source-ip":
                ip_network(value, strict=False)
            if self.field == "http-request-method" and not re.fullmatch(r"[A-Z_-]+", value):
                raise ValueError(f"{value} is no method")
        return self


class Rule(Contract):
    """An action under conditions, which must all be met."""

    conditions: tuple[Condition, ...]
    action: Action


class Listener(Contract):
    """A port that the balancer answers on.

    Attributes:
        rules: In the order of their priorities.
        default: What happens where no rule fits.
        certificates: The default one first; the others are chosen by the client's SNI.
    """

    port: int
    protocol: Protocol
    policy: str = ""
    certificates: tuple[Certificate, ...] = ()
    rules: tuple[Rule, ...] = ()
    default: Action


class HealthCheck(Contract):
    """When a target is healthy; `port` is None for the port of the traffic. Seconds."""

    protocol: Protocol = "HTTP"
    port: int | None = None
    path: Word = "/"
    matcher: Codes = "200"
    interval: int = 30
    timeout: int = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2


class Target(Contract):
    """Where requests go.

    Attributes:
        tried: Whether its first health checks have decided what it is; until they have, one success
            makes it healthy.
    """

    address: IPv4Address
    port: int
    tried: bool = False

    @property
    def name(self) -> str:
        """What HAProxy calls it."""
        return f"{self.address}:{self.port}"


class TargetGroup(Contract):
    """Targets among which requests are spread.

    Attributes:
        stickiness: Seconds for which the cookie AWSALB binds a client to a target; None for never.
        slow_start: Seconds in which a target that has become healthy gets its full share.
        draining: Targets that get no new requests and may end the ones they have.
    """

    name: str
    protocol: Protocol = "HTTP"
    version: str = "HTTP1"
    algorithm: str = "round_robin"
    stickiness: int | None = None
    slow_start: int = 0
    health_check: HealthCheck = HealthCheck()
    targets: tuple[Target, ...] = ()
    draining: tuple[Target, ...] = ()


class LoadBalancer(Contract):
    """One load balancer.

    Attributes:
        idle_timeout: Seconds that a connection may be silent.
        forwarded_for: What becomes of X-Forwarded-For.
        client_port: Whether X-Forwarded-For tells the client's port.
        target_groups: Those that its listeners use.
    """

    name: str
    idle_timeout: int = 60
    http2: bool = True
    forwarded_for: Literal["append", "preserve", "remove"] = "append"
    client_port: bool = False
    listeners: tuple[Listener, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
