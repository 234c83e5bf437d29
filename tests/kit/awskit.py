"""An AWS account for tests: what a run may cost, and what is left in it. Not our code's view."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from awskinds import KINDS, Client
from labkit import until

ENVIRONMENT = "autodeploy-test"
HOURS = 1.5  # that one application lives at most
PER_HOUR = {
    "AWS::EC2::Instance": 0.15,  # a t3.medium, its disk and its public address
    "AWS::RDS::DBInstance": 0.15,  # a db.t4g.medium and its disk
    "AWS::ElastiCache::ReplicationGroup": 0.07,  # a cache.t4g.medium
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 0.10,
    "AWS::SecretsManager::Secret": 0.01,
}
"""USD, more than any region asks; all other kinds cost nothing."""
MOST_SECONDS = 3600
PAUSE_SECONDS = 10


class Left(NamedTuple):
    """A resource that is still there."""

    kind: str
    id: str
    application: str


def estimate(resources: list[Mapping[str, Any]]) -> float:
    """USD that planned resources cost at most in a test."""
    return HOURS * sum(PER_HOUR.get(one["type"], 0) for one in resources)


def left(client: Client, environment: str = ENVIRONMENT) -> list[Left]:
    """What autodeploy made in an environment and is there, asked of each service."""
    ours = {"autodeploy:managed-by": "autodeploy", "autodeploy:environment": environment}
    return [
        Left(kind, id_, tags.get("autodeploy:application", ""))
        for kind, one in KINDS.items()
        for id_, tags in one.listed(client)
        if ours.items() <= tags.items()
    ]


def sweep(client: Client, environment: str = ENVIRONMENT, pause: float = PAUSE_SECONDS) -> None:
    """End everything of an environment's: again and again, until what held something is gone."""

    def swept() -> bool:
        there = left(client, environment)
        for one in there:
            with contextlib.suppress(ClientError):
                KINDS[one.kind].end(client, one.id)
        return not there

    until(swept, seconds=MOST_SECONDS, pause=pause)
