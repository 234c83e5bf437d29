"""What an application is to have, in the words of what was asked for and not of the code."""

from __future__ import annotations

from autodeploy.contracts import TechStack
from autodeploy.settings import Settings

ELB = "AWS::ElasticLoadBalancingV2::"


def has_database(stack: TechStack, settings: Settings) -> bool:
    """Where one is declared, unless it is refused, or the user brings an address of another."""
    if settings.database is None and "DATABASE_URL" in settings.env:
        return False
    return settings.database is not False and bool({"postgresql", "mysql"} & set(stack.databases))


def has_cache(stack: TechStack, settings: Settings) -> bool:
    """Where Redis is declared or asked for, unless it is refused, or the user brings another."""
    if settings.cache is None:
        return "redis" in stack.databases and "REDIS_URL" not in settings.env
    return settings.cache


def has_balancer(stack: TechStack, settings: Settings) -> bool:
    """For a web service: with several hosts, or on request; never against one's word."""
    is_web = "web" in stack.processes or stack.output is not None or stack.language == "static"
    several = settings.hosts > 1 and settings.load_balancer is not False
    return is_web and (several or settings.load_balancer is True)


def counts(stack: TechStack, settings: Settings) -> dict[str, int]:
    """How many resources of each kind; kinds of which there are to be none are left out."""
    database, balancer = has_database(stack, settings), has_balancer(stack, settings)
    cache = has_cache(stack, settings)
    secure = balancer and settings.domain is not None
    wanted = {
        "AWS::EC2::VPC": 1,
        "AWS::EC2::InternetGateway": 1,
        "AWS::EC2::Subnet": 4,
        "AWS::EC2::RouteTable": 2,
        "AWS::EC2::SecurityGroup": 1 + database + cache + balancer + secure,
        "AWS::EC2::KeyPair": 1,
        "AWS::EC2::Instance": settings.hosts,
        "AWS::RDS::DBSubnetGroup": database,
        "AWS::SecretsManager::Secret": database + cache,
        "AWS::RDS::DBInstance": database,
        "AWS::ElastiCache::SubnetGroup": cache,
        "AWS::ElastiCache::ReplicationGroup": cache,
        f"{ELB}LoadBalancer": balancer,
        f"{ELB}TargetGroup": balancer,
        f"{ELB}TargetGroup.TargetDescription": balancer,
        f"{ELB}Listener": balancer + secure,
        "AWS::CertificateManager::Certificate": secure,
    }
    return {kind: int(number) for kind, number in wanted.items() if number}
