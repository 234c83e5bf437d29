"""What an account holds in a region, as moto's models have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.ec2.models import ec2_backends
from moto.elasticache.models import elasticache_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import get_account_id_from
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends

from autodeploy.lab.api import actions
from autodeploy.lab.api.gateway import Call

ENDED = ("terminated", "shutting-down")


def subnet_asked(asked: Mapping[str, Any]) -> str | None:
    """Where an instance is to be, said of itself or of its interface; None where it is not said."""
    said: list[str] = [one["SubnetId"] for one in _said_of(asked) if "SubnetId" in one]
    return next(iter(said), None)


def groups_asked(asked: Mapping[str, Any]) -> list[str]:
    """The security groups that an instance is to have, said of itself or of its interfaces."""
    names = ("SecurityGroupIds", "Groups")
    return [group for one in _said_of(asked) for name in names for group in one.get(name, ())]


def _said_of(asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [asked, *asked.get("NetworkInterfaces", ())]


@dataclass(frozen=True)
class Account:
    """One account in one region; only to be used behind `OneAtATime`."""

    id: str
    region: str

    @classmethod
    def of(cls, call: Call) -> Account:
        """The account and the region that a call is about."""
        key, region = actions.credential(call.environ.get("HTTP_AUTHORIZATION", ""))
        return cls(get_account_id_from(key), region)

    @property
    def ec2(self) -> Any:
        """The backend of EC2."""
        return ec2_backends[self.id][self.region]

    @property
    def elbv2(self) -> Any:
        """The backend of load balancers."""
        return elbv2_backends[self.id][self.region]

    @property
    def rds(self) -> Any:
        """The backend of databases."""
        return rds_backends[self.id][self.region]

    @property
    def elasticache(self) -> Any:
        """The backend of caches."""
        return elasticache_backends[self.id][self.region]

    @property
    def acm(self) -> Any:
        """The backend of certificates."""
        return acm_backends[self.id][self.region]

    @property
    def secrets(self) -> Any:
        """The backend of secrets."""
        return secretsmanager_backends[self.id][self.region]

    @property
    def sns(self) -> Any:
        """The backend of topics."""
        return sns_backends[self.id][self.region]

    @property
    def cloudwatch(self) -> Any:
        """The backend of alarms."""
        return cloudwatch_backends[self.id][self.region]

    def instances(self) -> Iterator[Any]:
        """Every instance that has not ended."""
        for reservation in self.ec2.reservations.values():
            for instance in reservation.instances:
                if instance.instance_state.name not in ENDED:
                    yield instance

    def interfaces(self) -> Iterator[Any]:
        """Every network interface; moto keeps those of ended instances, AWS does not."""
        for interface in self.ec2.enis.values():
            if interface.instance is None or interface.instance.state not in ENDED:
                yield interface

    def zone(self, subnet: str | None) -> str | None:
        """The zone of a subnet; None where there is none."""
        found = (one for zone in self.ec2.subnets.values() for one in zone.values())
        return next((one.availability_zone for one in found if one.id == subnet), None)

    def group(self, id_or_name: str) -> Any:
        """A security group; None where there is none."""
        return self.ec2.get_security_group_by_name_or_id(id_or_name)

    def databases(self) -> list[Any]:
        """Every database instance."""
        return list(self.rds.databases.values())

    def database(self, name: str | None) -> Any:
        """A database instance; None where there is none."""
        return next((one for one in self.databases() if one.db_instance_identifier == name), None)

    def caches(self) -> list[Any]:
        """Every replication group of caches."""
        return list(self.elasticache.replication_groups.values())

    def cache(self, name: str | None) -> Any:
        """A replication group; None where there is none."""
        return self.elasticache.replication_groups.get(name)

    def certificates(self) -> set[str]:
        """The names (ARN) of every certificate."""
        return {one.arn for one in self.acm.list_certificates([], {})}
