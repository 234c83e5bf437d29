"""Quotas: what an account may have, by the error that says that it has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from autodeploy.aws.cloud import Cloud

CONSOLE = "https://console.aws.amazon.com/servicequotas/home/services/{service}/quotas/{code}"


class Quota(NamedTuple):
    """A quota as Service Quotas knows it.

    Attributes:
        service: Service Quotas' name of the service.
        code: Its code, the same in all regions.
        name: Its name.
        instead: What else helps than to free something or to ask for more; None where nothing.
    """

    service: str
    code: str
    name: str
    instead: str | None = None

    @property
    def remediation(self) -> str:
        """What to do where it is reached."""
        console = CONSOLE.format(service=self.service, code=self.code)
        instead = f", {self.instead}" if self.instead else ""
        return f"Free one{instead}, or ask AWS for more: {console}"


VPCS = Quota("vpc", "L-F678F1CE", "VPCs per Region", "deploy into one that exists (--vpc-id)")
VCPUS = Quota(
    "ec2",
    "L-1216C47A",
    "vCPUs of running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    "choose a smaller --instance-type",
)
DATABASES = Quota("rds", "L-7B6409FD", "DB instances")
BALANCERS = Quota("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region")

REACHED = {
    "VpcLimitExceeded": VPCS,
    "InstanceLimitExceeded": VCPUS,
    "VcpuLimitExceeded": VCPUS,
    "SubnetLimitExceeded": Quota("vpc", "L-407747CB", "Subnets per VPC"),
    "InternetGatewayLimitExceeded": Quota("vpc", "L-A4707A72", "Internet gateways per Region"),
    "RouteTableLimitExceeded": Quota("vpc", "L-589F43AA", "Route tables per VPC"),
    "RouteLimitExceeded": Quota("vpc", "L-93826ACB", "Routes per route table"),
    "SecurityGroupLimitExceeded": Quota("vpc", "L-E79EC296", "VPC security groups per Region"),
    "RulesPerSecurityGroupLimitExceeded": Quota(
        "vpc", "L-0EA8095F", "Inbound or outbound rules per security group"
    ),
    "SecurityGroupsPerInterfaceLimitExceeded": Quota(
        "vpc", "L-2AFB9258", "Security groups per network interface"
    ),
    "InstanceQuotaExceeded": DATABASES,
    "StorageQuotaExceeded": Quota("rds", "L-7ADDB58A", "Total storage for all DB instances"),
    "SnapshotQuotaExceeded": Quota("rds", "L-272F1212", "Manual DB instance snapshots"),
    "DBSubnetGroupQuotaExceeded": Quota("rds", "L-48C6BF61", "DB subnet groups"),
    "NodeQuotaForCustomerExceeded": Quota("elasticache", "L-DFE45DF3", "Nodes per Region"),
    "TooManyLoadBalancers": BALANCERS,
    "TooManyTargetGroups": Quota("elasticloadbalancing", "L-B22855CB", "Target Groups per Region"),
    "TooManyListeners": Quota(
        "elasticloadbalancing", "L-B6DF7632", "Listeners per Application Load Balancer"
    ),
}
"""By EC2's, RDS's, ElastiCache's and ELB's codes."""
BY_SERVICE = {
    "secretsmanager": Quota("secretsmanager", "L-2F66C23C", "Secrets per Region"),
    "acm": Quota("acm", "L-F141DD1D", "ACM certificates"),
}
"""Where one code stands for all quotas of a service."""
ENDINGS = (
    *("LimitExceeded", "LimitsExceeded", "LimitExceededException"),
    *("QuotaExceeded", "QuotaExceededFault", "QuotaExceededException"),
)
"""How the codes of other quotas end; `TooMany` is how some begin."""


def is_quota(code: str) -> bool:
    """Whether a code, which is none of throttling, says that a quota is reached."""
    return code in REACHED or code.endswith(ENDINGS) or code.startswith("TooMany")


def reached(action: str, code: str) -> Quota | None:
    """The quota that such a code is about; None where it is not known which."""
    return REACHED.get(code) or BY_SERVICE.get(action.partition(":")[0])


def value(cloud: Cloud, quota: Quota) -> float:
    """How much of it the account may have in the region now.

    Raises:
        CloudError: Service Quotas does not tell.
    """
    found = cloud.quotas().get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)
    return found["Quota"]["Value"]
