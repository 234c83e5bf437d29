"""A boto3 session with a region, an endpoint, adaptive retries and a record of every call."""

from __future__ import annotations

import ipaddress
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from autodeploy import stopping
from autodeploy.aws import explain
from autodeploy.aws.identity import Identity

if TYPE_CHECKING:
    from types_boto3_acm import ACMClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_elasticache import ElastiCacheClient
    from types_boto3_elbv2 import ElasticLoadBalancingv2Client
    from types_boto3_iam import IAMClient
    from types_boto3_inspector2 import Inspector2Client
    from types_boto3_rds import RDSClient
    from types_boto3_route53 import Route53Client
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_service_quotas import ServiceQuotasClient
    from types_boto3_sns import SNSClient
    from types_boto3_ssm import SSMClient
    from types_boto3_sts import STSClient

LAB_PACE = 0.05
READS = ("BatchGet", "Decode", "Describe", "Get", "List", "Simulate")
"""How operations begin that change nothing."""
ATTEMPTS = 5
IAMS = {"monitoring": "cloudwatch"}
"""IAM's name of a service where the name that requests are signed with is another."""
WIRE = ("botocore.endpoint", "botocore.parsers")
"""Loggers that say all that is sent and received, passwords and keys with it."""
for _name in WIRE:
    logging.getLogger(_name).setLevel(logging.INFO)


@dataclass(frozen=True)
class Call:
    """One call that was made.

    Attributes:
        action: As IAM names it: `ec2:RunInstances`.
        time: When it ended, UTC.
        error: AWS's code or the class of the failure; None where it succeeded.
    """

    action: str
    time: datetime
    error: str | None


class Cloud:
    """Clients for AWS, or for an endpoint that speaks its language.

    Every client raises `autodeploy.errors.CloudError` and its children, never botocore's errors.
    Safe to use from several threads.

    Attributes:
        region: Where the calls go.
        endpoint_url: The endpoint; None means AWS.
        is_lab: Whether the endpoint is on this machine. Then dummy credentials are used, and
            nothing of the user's own AWS configuration is read.
        pace: How long things take there, AWS's time being 1.
        calls: Every call so far, in the order in which they ended.
        guard: Called before each request that may change something; what it raises goes to the
            caller, and the request is not sent.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        profile: str | None = None,
    ) -> None:
        """Read the configuration; no call is made yet.

        Raises:
            CredentialsMissing: There is no such profile.
            RegionUnavailable: No region is known.
        """
        self.endpoint_url = endpoint_url
        self._profile = profile
        self.is_lab = _is_loopback(endpoint_url)
        self.pace = LAB_PACE if self.is_lab else 1.0
        self.calls: list[Call] = []
        self.guard: Callable[[], None] = stopping.guard
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, bool], Any] = {}
        # boto3 takes a tenth of a second to import: only where AWS is called.
        from autodeploy.aws import sessions

        self._session = sessions.lab(region) if self.is_lab else sessions.session(region, profile)
        self.region: str = self._session.region_name

    def ec2(self, *, retries: bool = True) -> EC2Client:
        """EC2. Without `retries` a call is sent once: for those that must not be made twice."""
        client: EC2Client = self._client("ec2", retries=retries)
        return client

    def rds(self, *, retries: bool = True) -> RDSClient:
        """Databases."""
        client: RDSClient = self._client("rds", retries=retries)
        return client

    def elasticache(self, *, retries: bool = True) -> ElastiCacheClient:
        """Redis."""
        client: ElastiCacheClient = self._client("elasticache", retries=retries)
        return client

    def elbv2(self, *, retries: bool = True) -> ElasticLoadBalancingv2Client:
        """Load balancers."""
        client: ElasticLoadBalancingv2Client = self._client("elbv2", retries=retries)
        return client

    def secretsmanager(self) -> SecretsManagerClient:
        """Secrets Manager."""
        client: SecretsManagerClient = self._client("secretsmanager")
        return client

    def acm(self) -> ACMClient:
        """Certificates."""
        client: ACMClient = self._client("acm")
        return client

    def route53(self) -> Route53Client:
        """DNS."""
        client: Route53Client = self._client("route53")
        return client

    def sns(self) -> SNSClient:
        """Topics, and who hears of what is said to them."""
        client: SNSClient = self._client("sns")
        return client

    def cloudwatch(self) -> CloudWatchClient:
        """What is measured, and alarms."""
        client: CloudWatchClient = self._client("cloudwatch")
        return client

    def s3(self) -> S3Client:
        """Objects."""
        client: S3Client = self._client("s3")
        return client

    def quotas(self) -> ServiceQuotasClient:
        """Service Quotas: how much the account may have."""
        client: ServiceQuotasClient = self._client("service-quotas")
        return client

    def iam(self) -> IAMClient:
        """IAM: what the identity may do."""
        client: IAMClient = self._client("iam")
        return client

    def inspector(self) -> Inspector2Client:
        """Inspector v2: what AWS finds on instances."""
        client: Inspector2Client = self._client("inspector2")
        return client

    def pricing(self) -> Any:
        """AWS's price list, in the regions that have it."""
        return self._client("pricing")

    def ssm(self) -> SSMClient:
        """Systems Manager, for its public parameters."""
        client: SSMClient = self._client("ssm")
        return client

    def sts(self) -> STSClient:
        """The Security Token Service, for who we are."""
        client: STSClient = self._client("sts")
        return client

    def in_region(self, region: str) -> Cloud:
        """The door to that region, with the same credentials, endpoint and guard."""
        if region == self.region:
            return self
        made = Cloud(region=region, endpoint_url=self.endpoint_url, profile=self._profile)
        made.guard = self.guard
        return made

    def identity(self) -> Identity:
        """The account and who we are in it."""
        caller = self.sts().get_caller_identity()
        return Identity(caller["Account"], caller["Arn"])

    def known_regions(self) -> list[str]:
        """The regions that boto3 knows; AWS may have newer ones."""
        partitions = self._session.get_available_partitions()
        return [
            region
            for partition in partitions
            for region in self._session.get_available_regions("ec2", partition_name=partition)
        ]

    def _client(self, service: str, *, retries: bool = True) -> Any:
        with self._lock:
            if (service, retries) not in self._clients:
                self._clients[service, retries] = self._make(service, retries)
            return self._clients[service, retries]

    def _make(self, service: str, retries: bool) -> Any:
        from autodeploy.aws import sessions

        # A proxy of the user's must not be asked for an address on this machine.
        proxies: dict[str, str] | None = {} if self.is_lab else None
        attempts = ATTEMPTS if retries else 1
        client = sessions.client(self._session, service, self.endpoint_url, attempts, proxies)
        self._watch(client)
        return client

    def _watch(self, client: Any) -> None:
        """Record each call that the client makes, and raise our errors instead of botocore's."""
        signed = client.meta.service_model.signing_name
        service = IAMS.get(signed, signed)

        from autodeploy.aws.unanswered import FAILURES

        def answered(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
            action = f"{service}:{model.name}"
            if http_response.status_code < 300:
                self._record(action, None)
                return
            said = parsed.get("Error", {})
            code = str(said.get("Code", http_response.status_code))
            self._record(action, code)
            raise explain.refused(self, action, code, str(said.get("Message", "")))

        def unanswered(exception: Exception, event_name: str, **_: Any) -> None:
            action = f"{service}:{event_name.rsplit('.', 1)[-1]}"
            self._record(action, type(exception).__name__)
            if isinstance(exception, FAILURES):
                raise explain.failed(self, action, exception) from exception

        def sending(event_name: str, **_: Any) -> None:
            if not event_name.rsplit(".", 1)[-1].startswith(READS):
                self.guard()

        client.meta.events.register_first("before-send", sending)
        client.meta.events.register_last("after-call", answered)
        client.meta.events.register_last("after-call-error", unanswered)

    def _record(self, action: str, error: str | None) -> None:
        self.calls.append(Call(action, datetime.now(UTC), error))


def _is_loopback(endpoint_url: str | None) -> bool:
    host = urlsplit(endpoint_url or "").hostname
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
