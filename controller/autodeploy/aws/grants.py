"""What IAM must allow for each kind of resource: data, and the statements that it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MANAGED = "autodeploy:managed-by"
MANAGER = "autodeploy"


@dataclass(frozen=True, eq=False)
class Scope:
    """What a statement of the policy is about.

    Attributes:
        sid: The statement's name.
        resource: What its actions may be done to.
        keys: Condition keys and the values that they must have.
    """

    sid: str
    resource: str = "*"
    keys: Mapping[str, str | list[str]] = field(default_factory=dict)

    def statement(self, actions: Iterable[str]) -> dict[str, Any]:
        """A statement of a policy document that allows some actions."""
        condition = {"Condition": {"StringEquals": dict(self.keys)}} if self.keys else {}
        said = {"Sid": self.sid, "Effect": "Allow", "Action": sorted(set(actions))}
        return {**said, "Resource": self.resource, **condition}


def _service_role(sid: str, service: str) -> Scope:
    role = f"arn:aws:iam::*:role/aws-service-role/{service}/*"
    return Scope(sid, role, {"iam:AWSServiceName": service})


LOOK = Scope("Look")
IMAGES = Scope("FindDebian", "arn:aws:ssm:*::parameter/aws/service/debian/release/*")
MAKE = Scope("Make")
TAG_EC2 = Scope(
    "TagWhatIsMade",
    keys={
        "ec2:CreateAction": [
            *("CreateInternetGateway", "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet"),
            *("CreateVpc", "ImportKeyPair", "RunInstances"),
        ]
    },
)
TAG_BALANCERS = Scope(
    "TagBalancersThatAreMade",
    keys={
        "elasticloadbalancing:CreateAction": [
            *("CreateListener", "CreateLoadBalancer", "CreateTargetGroup"),
        ]
    },
)
TAG = Scope("TagAsOurs", keys={f"aws:RequestTag/{MANAGED}": MANAGER})
OURS = Scope("ChangeAndRemoveWhatIsOurs", keys={f"aws:ResourceTag/{MANAGED}": MANAGER})
SECRETS = Scope("MakeSecrets", "arn:aws:secretsmanager:*:*:secret:autodeploy/*")
MASTER = Scope("LetRdsKeepTheMasterPassword", "arn:aws:secretsmanager:*:*:secret:rds!db-*")
TOPICS = Scope("MakeTheTopicOfAlarms", f"arn:aws:sns:*:*:{MANAGER}-*")
UNSUBSCRIBE = Scope("EndSubscriptions")
"""IAM knows no resource for it."""
ALARMS = Scope("MakeAlarms", f"arn:aws:cloudwatch:*:*:alarm:{MANAGER}/*")
KEYS = Scope("LookAtKeys", "arn:aws:kms:*:*:key/*")
NAMES = Scope("KeepTheDomainsRecords", "arn:aws:route53:::hostedzone/*")
RDS_ROLE = _service_role("LetRdsHaveItsRole", "rds.amazonaws.com")
CACHE_ROLE = _service_role("LetElasticacheHaveItsRole", "elasticache.amazonaws.com")
ELB_ROLE = _service_role("LetElbHaveItsRole", "elasticloadbalancing.amazonaws.com")
SCOPES = (
    *(LOOK, IMAGES, MAKE, TAG_EC2, TAG_BALANCERS, TAG, OURS),
    *(SECRETS, MASTER, KEYS, NAMES, TOPICS, UNSUBSCRIBE, ALARMS, RDS_ROLE, CACHE_ROLE, ELB_ROLE),
)
"""In the order of the policy's statements."""


class Kind(NamedTuple):
    """What a kind of resource takes.

    Attributes:
        arn: What such a resource is called, after `arn:aws:`, `*` for region and account.
        needs: Actions by scope, with spaces between.
    """

    arn: str
    needs: Mapping[Scope, str]


KINDS = {
    "AWS::EC2::VPC": Kind(
        "ec2:*:*:vpc/vpc-00000000000000000",
        {
            LOOK: "ec2:DescribeVpcs",
            MAKE: "ec2:CreateVpc",
            TAG_EC2: "ec2:CreateTags",
            OURS: "ec2:DeleteVpc",
        },
    ),
    "AWS::EC2::InternetGateway": Kind(
        "ec2:*:*:internet-gateway/igw-00000000000000000",
        {
            LOOK: "ec2:DescribeInternetGateways",
            MAKE: "ec2:CreateInternetGateway",
            TAG_EC2: "ec2:CreateTags",
            OURS: "ec2:AttachInternetGateway ec2:DetachInternetGateway ec2:DeleteInternetGateway",
        },
    ),
    "AWS::EC2::Subnet": Kind(
        "ec2:*:*:subnet/subnet-00000000000000000",
        {
            LOOK: "ec2:DescribeAvailabilityZones ec2:DescribeSubnets",
            MAKE: "ec2:CreateSubnet",
            TAG_EC2: "ec2:CreateTags",
            OURS: "ec2:DeleteSubnet",
        },
    ),
    "AWS::EC2::RouteTable": Kind(
        "ec2:*:*:route-table/rtb-00000000000000000",
        {
            LOOK: "ec2:DescribeRouteTables",
            MAKE: "ec2:CreateRouteTable",
            TAG_EC2: "ec2:CreateTags",
            OURS: "ec2:AssociateRouteTable ec2:CreateRoute ec2:DeleteRouteTable "
            "ec2:DisassociateRouteTable ec2:ReplaceRoute",
        },
    ),
    "AWS::EC2::SecurityGroup": Kind(
        "ec2:*:*:security-group/sg-00000000000000000",
        {
            LOOK: "ec2:DescribeSecurityGroups",
            MAKE: "ec2:CreateSecurityGroup",
            TAG_EC2: "ec2:CreateTags",
            OURS: "ec2:AuthorizeSecurityGroupIngress ec2:DeleteSecurityGroup "
            "ec2:RevokeSecurityGroupIngress",
        },
    ),
    "AWS::EC2::KeyPair": Kind(
        "ec2:*:*:key-pair/autodeploy",
        {
            LOOK: "ec2:DescribeKeyPairs",
            MAKE: "ec2:ImportKeyPair",
            TAG_EC2: "ec2:CreateTags",
            OURS: "ec2:DeleteKeyPair",
        },
    ),
    "AWS::EC2::Instance": Kind(
        "ec2:*:*:instance/i-00000000000000000",
        {
            LOOK: "ec2:DescribeInstanceTypes ec2:DescribeInstances",
            IMAGES: "ssm:GetParameter",
            MAKE: "ec2:RunInstances",
            TAG_EC2: "ec2:CreateTags",
            OURS: "ec2:ModifyInstanceAttribute ec2:ModifyInstanceMetadataOptions "
            "ec2:StartInstances ec2:StopInstances ec2:TerminateInstances",
        },
    ),
    "AWS::RDS::DBSubnetGroup": Kind(
        "rds:*:*:subgrp:autodeploy",
        {
            LOOK: "rds:DescribeDBSubnetGroups rds:ListTagsForResource",
            MAKE: "rds:CreateDBSubnetGroup",
            TAG: "rds:AddTagsToResource",
            OURS: "rds:DeleteDBSubnetGroup rds:ModifyDBSubnetGroup",
            RDS_ROLE: "iam:CreateServiceLinkedRole",
        },
    ),
    "AWS::RDS::DBInstance": Kind(
        "rds:*:*:db:autodeploy",
        {
            LOOK: "rds:DescribeDBInstances rds:DescribeDBSnapshots",
            MAKE: "rds:CreateDBInstance rds:CreateDBSnapshot",
            TAG: "rds:AddTagsToResource",
            OURS: "rds:DeleteDBInstance rds:ModifyDBInstance rds:StartDBInstance",
            MASTER: "secretsmanager:CreateSecret secretsmanager:GetSecretValue "
            "secretsmanager:TagResource",
            KEYS: "kms:DescribeKey",
            RDS_ROLE: "iam:CreateServiceLinkedRole",
        },
    ),
    "AWS::ElastiCache::SubnetGroup": Kind(
        "elasticache:*:*:subnetgroup:autodeploy",
        {
            LOOK: "elasticache:DescribeCacheSubnetGroups elasticache:ListTagsForResource",
            MAKE: "elasticache:CreateCacheSubnetGroup",
            TAG: "elasticache:AddTagsToResource",
            OURS: "elasticache:DeleteCacheSubnetGroup elasticache:ModifyCacheSubnetGroup",
            CACHE_ROLE: "iam:CreateServiceLinkedRole",
        },
    ),
    "AWS::ElastiCache::ReplicationGroup": Kind(
        "elasticache:*:*:replicationgroup:autodeploy",
        {
            LOOK: "elasticache:DescribeCacheClusters elasticache:DescribeReplicationGroups "
            "elasticache:ListTagsForResource",
            MAKE: "elasticache:CreateReplicationGroup",
            TAG: "elasticache:AddTagsToResource",
            OURS: "elasticache:DeleteReplicationGroup elasticache:ModifyReplicationGroup",
            CACHE_ROLE: "iam:CreateServiceLinkedRole",
        },
    ),
    "AWS::SecretsManager::Secret": Kind(
        "secretsmanager:*:*:secret:autodeploy",
        {
            SECRETS: "secretsmanager:CreateSecret secretsmanager:DescribeSecret "
            "secretsmanager:TagResource",
            OURS: "secretsmanager:DeleteSecret secretsmanager:GetSecretValue "
            "secretsmanager:PutSecretValue secretsmanager:RestoreSecret",
        },
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Kind(
        "elasticloadbalancing:*:*:loadbalancer/app/autodeploy/0000000000000000",
        {
            LOOK: "elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeTags",
            MAKE: "elasticloadbalancing:CreateLoadBalancer",
            TAG_BALANCERS: "elasticloadbalancing:AddTags",
            OURS: "elasticloadbalancing:DeleteLoadBalancer "
            "elasticloadbalancing:SetSecurityGroups elasticloadbalancing:SetSubnets",
            ELB_ROLE: "iam:CreateServiceLinkedRole",
        },
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Kind(
        "elasticloadbalancing:*:*:targetgroup/autodeploy/0000000000000000",
        {
            LOOK: "elasticloadbalancing:DescribeTags elasticloadbalancing:DescribeTargetGroups "
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            MAKE: "elasticloadbalancing:CreateTargetGroup",
            TAG_BALANCERS: "elasticloadbalancing:AddTags",
            OURS: "elasticloadbalancing:DeleteTargetGroup elasticloadbalancing:ModifyTargetGroup "
            "elasticloadbalancing:ModifyTargetGroupAttributes",
        },
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription": Kind(
        "elasticloadbalancing:*:*:targetgroup/autodeploy/0000000000000000",
        {
            LOOK: "elasticloadbalancing:DescribeTargetHealth",
            OURS: "elasticloadbalancing:DeregisterTargets elasticloadbalancing:RegisterTargets",
        },
    ),
    "AWS::ElasticLoadBalancingV2::Listener": Kind(
        "elasticloadbalancing:*:*:listener/app/autodeploy/0000000000000000/0000000000000000",
        {
            LOOK: "elasticloadbalancing:DescribeListeners",
            TAG_BALANCERS: "elasticloadbalancing:AddTags",
            OURS: "elasticloadbalancing:CreateListener elasticloadbalancing:DeleteListener "
            "elasticloadbalancing:ModifyListener",
        },
    ),
    "AWS::CertificateManager::Certificate": Kind(
        "acm:*:*:certificate/autodeploy",
        {
            LOOK: "acm:DescribeCertificate acm:ListCertificates acm:ListTagsForCertificate "
            "route53:ListHostedZones",
            MAKE: "acm:RequestCertificate",
            TAG: "acm:AddTagsToCertificate",
            OURS: "acm:DeleteCertificate",
            NAMES: "route53:ChangeResourceRecordSets route53:ListResourceRecordSets",
        },
    ),
    "AWS::SNS::Topic": Kind(
        "sns:*:*:autodeploy-example",
        {
            TOPICS: "sns:CreateTopic sns:ListTagsForResource sns:TagResource",
            OURS: "sns:DeleteTopic",
        },
    ),
    "AWS::SNS::Subscription": Kind(
        "sns:*:*:autodeploy-example",
        {
            TOPICS: "sns:ListSubscriptionsByTopic sns:Subscribe",
            UNSUBSCRIBE: "sns:Unsubscribe",
        },
    ),
    "AWS::CloudWatch::Alarm": Kind(
        "cloudwatch:*:*:alarm:autodeploy/example",
        {
            LOOK: "cloudwatch:DescribeAlarms",
            ALARMS: "cloudwatch:DeleteAlarms cloudwatch:ListTagsForResource "
            "cloudwatch:PutMetricAlarm cloudwatch:TagResource",
        },
    ),
}
"""By CloudFormation's name of the kind."""
