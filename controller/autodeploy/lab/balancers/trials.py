"""Which targets' first health checks have decided what they are.

AWS takes one success of a new target for health and the threshold of failures for the lack of it;
HAProxy knows one threshold for each direction, whether a target is new or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autodeploy.lab.balancers import health
from autodeploy.lab.balancers.haproxy import Row, Server
from autodeploy.lab.balancers.model import LoadBalancer


@dataclass
class Trials:
    """Which targets' first health checks have decided, and since when the others fail."""

    tried: set[Server] = field(default_factory=set)
    failing: dict[Server, float] = field(default_factory=dict)

    def pending(self, balancer: LoadBalancer) -> list[Server]:
        """The targets that are not decided yet; those that are gone are forgotten."""
        wanted = {
            (one.name, target.name) for one in balancer.target_groups for target in one.targets
        }
        self.tried &= wanted
        self.failing = {one: since for one, since in self.failing.items() if one in wanted}
        return sorted(wanted - self.tried)

    def observe(self, balancer: LoadBalancer, rows: dict[Server, Row], now: float) -> None:
        """Decide: one success makes a target healthy, the threshold of failures unhealthy."""
        checks = {one.name: one.health_check for one in balancer.target_groups}
        for server in self.pending(balancer):
            row = rows.get(server)
            if row is None:
                continue
            check = checks[server[0]]
            patience = (check.unhealthy_threshold - 1) * check.interval
            if health.failing(row):
                self.failing.setdefault(server, now)
            if health.up(row) or now - self.failing.get(server, now) > patience:
                self.tried.add(server)

    def told(self, balancer: LoadBalancer) -> LoadBalancer:
        """The balancer with what is known of its targets."""
        groups = (
            group.model_copy(
                update={
                    "targets": tuple(
                        one.model_copy(update={"tried": (group.name, one.name) in self.tried})
                        for one in group.targets
                    )
                }
            )
            for group in balancer.target_groups
        )
        return balancer.model_copy(update={"target_groups": tuple(groups)})
