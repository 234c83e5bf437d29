"""AWS's API for tests: moto in this process. It stands for AWS alone; all else is real."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import botocore
from botocore.config import Config
from moto import mock_aws
from moto.cloudwatch.models import cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.botocore_stubber import BotocoreStubber
from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.elasticache.models import elasticache_backends
from moto.rds.models import rds_backends
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends

from autodeploy import provisioner
from autodeploy.aws import Cloud
from autodeploy.aws.cloud import Call
from autodeploy.contracts import (
    DeploymentState,
    Difference,
    InfrastructureSpec,
    Plan,
    Resource,
    TechStack,
)
from autodeploy.journal import DirectoryStore, Journal
from autodeploy.journal.application import application
from autodeploy.lab.api import quick
from autodeploy.lab.api.cloudwatch import LabCloudWatchBackend
from autodeploy.lab.api.rds import WholeRDSBackend
from autodeploy.lab.api.sns import LabSNSBackend
from autodeploy.lab.caches.whole import WholeElastiCacheBackend
from autodeploy.provisioner import Owner
from autodeploy.settings import Settings

REGION = "eu-central-1"
IMAGES = {"12": "ami-0debian0000000012", "13": "ami-0debian0000000013"}
READS = ("Describe", "Get", "List")


@contextmanager
def api() -> Iterator[None]:
    """A fresh account, with Debian's images."""
    # Without moto's thousand images an account is made in milliseconds.
    bare = patch.dict(os.environ, MOTO_EC2_LOAD_DEFAULT_AMIS="false")
    # What the disk survives is not tested here, and a hundred syncs take longer than all the rest.
    unsynced = patch.object(os, "fsync")
    whole = patch.object(rds_backends, "backend", WholeRDSBackend)
    cached = patch.object(elasticache_backends, "backend", WholeElastiCacheBackend)
    mail = patch.object(sns_backends, "backend", LabSNSBackend)
    alarms = patch.object(cloudwatch_backends, "backend", LabCloudWatchBackend)
    issued = patch("moto.settings.ACM_VALIDATION_WAIT", -1)
    quick.install()
    with bare, unsynced, whole, cached, mail, alarms, issued, _serial(), _grouped(), mock_aws():
        for release, image in IMAGES.items():
            publish(release, "amd64", image)
        cloud().calls.clear()
        yield


def publish(release: str, arch: str, image: str) -> None:
    """Let Debian have published an image."""
    backend = ssm_backends[DEFAULT_ACCOUNT_ID][REGION]
    # The API refuses everybody but AWS to write below /aws/.
    backend.put_parameter(release, "", image, "String", "", "", False, [], "text", None, None)
    name = f"/aws/service/debian/release/{release}/latest/{arch}"
    backend._parameters[name] = backend._parameters.pop(release)


@contextmanager
def _serial() -> Iterator[None]:
    """One call at a time: moto's models know no locks."""
    lock, answer = threading.Lock(), BotocoreStubber.process_request

    def alone(self, request):
        with lock:
            return answer(self, request)

    with patch.object(BotocoreStubber, "process_request", alone):
        yield


@contextmanager
def _grouped() -> Iterator[None]:
    """An instance has its first interface's groups, also where they were asked of that."""
    run = EC2Backend.run_instances

    def grouped(self, *args, **kwargs):
        for group in [one for nic in kwargs["nics"] for one in nic.get("Groups", ())]:
            if self.get_security_group_from_id(group) is None:
                raise InvalidSecurityGroupNotFoundError(group)
        reservation = run(self, *args, **kwargs)
        for one in reservation.instances:
            one.security_groups = list(one.nics[0].group_set)
        return reservation

    with patch.object(EC2Backend, "run_instances", grouped):
        yield


@cache
def cloud() -> Cloud:
    """The one door of all tests: making clients takes longer than most tests.

    The controller's address is this machine's, as in the lab.
    """
    door = Cloud(region=REGION)
    door.is_lab, door.pace = True, 0.001
    # moto does not check signatures, and they are a fifth of a call's time.
    door._session.events.register("choose-signer", lambda **_: botocore.UNSIGNED)
    return door


@cache
def client(service: str = "ec2"):
    """A service without our door."""
    return boto3.client(
        service, region_name=REGION, config=Config(signature_version=botocore.UNSIGNED)
    )


@contextmanager
def hook(event: str, handler: Callable[..., None]) -> Iterator[None]:
    """Hear an event of botocore's at the door, before the door itself does."""
    door = cloud()
    clients = [
        one(retries=retries)
        for one in (door.ec2, door.rds, door.elasticache, door.elbv2)
        for retries in (True, False)
    ]
    clients += [door.secretsmanager(), door.acm(), door.route53(), door.sns(), door.cloudwatch()]
    for each in clients:
        each.meta.events.register_first(event, handler)
    try:
        yield
    finally:
        for each in clients:
            each.meta.events.unregister(event, handler)


def writes(door: Cloud) -> list[str]:
    """The mutating calls that went through the door."""
    return [call.action.split(":")[1] for call in door.calls if is_write(call)]


def is_write(call: Call) -> bool:
    """Whether a call changes anything."""
    return not call.action.split(":")[1].startswith(READS)


def everything() -> dict[str, list[dict]]:
    """All that the account holds by kind, but for what AWS makes by itself. Not our code's view."""
    return {kind: listed() for kind, listed in KINDS.items()}


def of(kind: str) -> list[dict]:
    """What `everything` has of one kind, asked of AWS alone."""
    return KINDS[kind]()


def front() -> dict[str, list[dict]]:
    """What stands before hosts, by kind."""
    return {kind: listed() for kind, listed in KINDS.items() if kind.startswith(FRONT)}


def counts() -> dict[str, int]:
    """How many there are of each kind that there is."""
    return {kind: len(found) for kind, found in everything().items() if found}


def _defaults() -> set[str]:
    """The networks that every account has, read from moto: they are wanted at most calls."""
    vpcs = ec2_backends[DEFAULT_ACCOUNT_ID][REGION].vpcs.values()
    return {one.id for one in vpcs if one.is_default}


def _in_ours(found: list[dict]) -> list[dict]:
    return [one for one in found if one["VpcId"] not in _defaults()]


def _gateways() -> list[dict]:
    return [
        one
        for one in client().describe_internet_gateways()["InternetGateways"]
        if not _defaults() & {each["VpcId"] for each in one["Attachments"]}
    ]


def _tables() -> list[dict]:
    found = _in_ours(client().describe_route_tables()["RouteTables"])
    return [one for one in found if not any(each["Main"] for each in one["Associations"])]


def _groups() -> list[dict]:
    found = _in_ours(client().describe_security_groups()["SecurityGroups"])
    return [one for one in found if one["GroupName"] != "default"]


def _instances() -> list[dict]:
    found = [one["Instances"] for one in client().describe_instances()["Reservations"]]
    ended = {"terminated", "shutting-down"}
    return [one for each in found for one in each if one["State"]["Name"] not in ended]


def _secrets() -> list[dict]:
    found = client("secretsmanager").list_secrets()["SecretList"]
    return [one for one in found if "OwningService" not in one]


def _balancers() -> list[dict]:
    return client("elbv2").describe_load_balancers()["LoadBalancers"]


def _target_groups() -> list[dict]:
    return client("elbv2").describe_target_groups()["TargetGroups"]


def _targets() -> list[dict]:
    arns = [one["TargetGroupArn"] for one in _target_groups()]
    health = [client("elbv2").describe_target_health(TargetGroupArn=one) for one in arns]
    return [
        {"group": arn, "targets": one["TargetHealthDescriptions"]}
        for arn, one in zip(arns, health, strict=True)
        if one["TargetHealthDescriptions"]
    ]


def _listeners() -> list[dict]:
    arns = [one["LoadBalancerArn"] for one in _balancers()]
    found = [client("elbv2").describe_listeners(LoadBalancerArn=one)["Listeners"] for one in arns]
    return [one for each in found for one in each]


FRONT = ("AWS::ElasticLoadBalancingV2::", "AWS::CertificateManager::")
KINDS: dict[str, Callable[[], list[dict]]] = {
    "AWS::EC2::VPC": lambda: _in_ours(client().describe_vpcs()["Vpcs"]),
    "AWS::EC2::InternetGateway": _gateways,
    "AWS::EC2::Subnet": lambda: _in_ours(client().describe_subnets()["Subnets"]),
    "AWS::EC2::RouteTable": _tables,
    "AWS::EC2::SecurityGroup": _groups,
    "AWS::EC2::KeyPair": lambda: client().describe_key_pairs()["KeyPairs"],
    "AWS::EC2::Instance": _instances,
    "AWS::RDS::DBSubnetGroup": lambda: client("rds").describe_db_subnet_groups()["DBSubnetGroups"],
    "AWS::SecretsManager::Secret": _secrets,
    "AWS::RDS::DBInstance": lambda: client("rds").describe_db_instances()["DBInstances"],
    "AWS::SNS::Topic": lambda: client("sns").list_topics()["Topics"],
    "AWS::SNS::Subscription": lambda: client("sns").list_subscriptions()["Subscriptions"],
    "AWS::CloudWatch::Alarm": lambda: client("cloudwatch").describe_alarms()["MetricAlarms"],
    "AWS::ElastiCache::SubnetGroup": lambda: client("elasticache").describe_cache_subnet_groups()[
        "CacheSubnetGroups"
    ],
    "AWS::ElastiCache::ReplicationGroup": lambda: client(
        "elasticache"
    ).describe_replication_groups()["ReplicationGroups"],
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancers,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_groups,
    "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription": _targets,
    "AWS::ElasticLoadBalancingV2::Listener": _listeners,
    "AWS::CertificateManager::Certificate": lambda: client("acm").list_certificates()[
        "CertificateSummaryList"
    ],
}


def forget_deleted() -> None:
    """Drop what moto keeps of what is gone: it grows, and each call goes through all of it."""
    backend = ec2_backends[DEFAULT_ACCOUNT_ID][REGION]
    for key, reservation in list(backend.reservations.items()):
        if all(one.state == "terminated" for one in reservation.instances):
            del backend.reservations[key]
            for one in reservation.instances:
                backend.tags.pop(one.id, None)


class Crash(BaseException):
    """The controller dies here."""


@contextmanager
def crash_after(count: int) -> Iterator[None]:
    """Die when the answer to the mutating call with this number (from 1) has come.

    After that no call goes out, and answers to those that are under way are not heard.
    """
    seen = []

    def calling(model, **_):
        if len(seen) >= count:
            raise Crash(model.name)

    def answered(model, **_):
        if not model.name.startswith(READS):
            seen.append(model.name)
        if len(seen) >= count:
            raise Crash(model.name)

    with hook("before-call", calling), hook("after-call", answered):
        yield


@dataclass
class Controller:
    """One application's Provisioner; `restarted` is the same application's next deployment."""

    folder: Path
    application: str = "shop"
    stack: TechStack = field(
        default_factory=lambda: TechStack(language="python", processes={"web": "run"})
    )
    settings: Settings = field(default_factory=lambda: Settings(target="lab"))

    def __post_init__(self) -> None:
        self.cloud = cloud()
        self.journal = self._journal()
        self.owner = Owner(
            application=self.application,
            environment="production",
            deployment=self.journal.state.id,
        )

    @property
    def keys(self) -> Path:
        return self.folder / self.application

    @property
    def state(self) -> DeploymentState:
        return self.journal.state

    def plan(self, **how: bool) -> Plan:
        given = (self.stack, self.settings, self.cloud, self.owner, self.keys)
        return provisioner.plan(*given, **how)[0]

    def drift(self, **otherwise: Any) -> tuple[Difference, ...]:
        """What is otherwise than the state, or than what is given of it."""
        known = application([self.state]).model_copy(update=otherwise)
        return provisioner.drift(
            self.stack, self.settings, self.cloud, self.owner, self.keys, known
        )

    def provision(self, approved: Plan | None = None, **how: Any) -> InfrastructureSpec:
        log = self.journal.agent("provisioner")
        return provisioner.provision(
            self.stack,
            self.settings,
            self.cloud,
            self.owner,
            self.keys,
            log,
            approved=approved,
            **how,
        )

    def destroy(self) -> tuple[Resource, ...]:
        log = self.journal.agent("provisioner")
        return provisioner.destroy(self.cloud, self.owner, self.keys, log)

    def inventory(self) -> tuple[Resource, ...]:
        return provisioner.inventory_of(self.cloud, self.owner)

    def restarted(self) -> Controller:
        return Controller(self.folder, self.application, self.stack, self.settings)

    def _journal(self) -> Journal:
        return DirectoryStore(self.folder / "store").create(
            operation="deploy",
            application=self.application,
            environment="production",
            target="lab",
            region=REGION,
            repository=None,
            tool_version="0",
        )
