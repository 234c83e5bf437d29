"""A policy is enforced; `autodeploy iam-policy` is enough for a deployment, with none to spare."""

from __future__ import annotations

import copy
import uuid

import pytest
from botocore.exceptions import ClientError

from autodeploy import provisioner
from autodeploy.aws import SecretVersions
from autodeploy.aws.grants import MANAGED, MANAGER
from autodeploy.aws.permissions import document
from autodeploy.errors import AccessDenied
from autodeploy.lab import record
from autodeploy.lab.api.strict import iam, permissions
from autodeploy.lab.api.strict.account import Account
from autodeploy.provisioner import policy
from autodeploy.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:Exception.*does not match")

DOCUMENT = policy.of_everything().document
ACTIONS = sorted({action for said in DOCUMENT["Statement"] for action in said["Action"]})
# What no call is called after, and AWS asks for all the same.
IMPLIED = {
    *("acm:AddTagsToCertificate", "elasticloadbalancing:AddTags"),
    *("ec2:CreateTags", "rds:AddTagsToResource", "secretsmanager:TagResource"),
    *("iam:CreateServiceLinkedRole", "kms:DescribeKey", "rds:CreateDBSnapshot"),
    *("cloudwatch:TagResource", "elasticache:AddTagsToResource", "sns:TagResource"),
}
# Without them people make the domain's records by hand.
OPTIONAL = {one for one in ACTIONS if one.startswith("route53:")}


def without(action):
    document = copy.deepcopy(DOCUMENT)
    for statement in document["Statement"]:
        statement["Action"] = [one for one in statement["Action"] if one != action]
    return document


def drift(ec2):
    """What somebody else does to a deployment, so that each repair is needed."""
    found = ec2.describe_instances()["Reservations"]
    first, second = (one for each in found for one in each["Instances"])
    ec2.stop_instances(InstanceIds=[first["InstanceId"]])
    hand = ec2.create_security_group(GroupName="hand", Description="-", VpcId=first["VpcId"])
    ec2.modify_instance_attribute(InstanceId=second["InstanceId"], Groups=[hand["GroupId"]])
    ec2.modify_instance_metadata_options(InstanceId=second["InstanceId"], HttpTokens="optional")
    group = ec2.describe_security_groups(
        Filters=[{"Name": "ip-permission.to-port", "Values": ["80"]}]
    )["SecurityGroups"][0]
    foreign = {"IpProtocol": "tcp", "FromPort": 23, "ToPort": 23}
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=[{**foreign, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    other = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    for table in ec2.describe_route_tables()["RouteTables"]:
        if any(one.get("GatewayId", "").startswith("igw-") for one in table["Routes"]):
            ec2.replace_route(
                RouteTableId=table["RouteTableId"],
                DestinationCidrBlock="0.0.0.0/0",
                GatewayId=other,
            )


def drift_of_data(api):
    """The same for a database."""
    rds, secrets = api.client("rds"), api.client("secretsmanager")
    (database,) = rds.describe_db_instances()["DBInstances"]
    named = {"DBInstanceIdentifier": database["DBInstanceIdentifier"]}
    rds.modify_db_instance(**named, DeletionProtection=False)
    rds.stop_db_instance(**named)
    elsewhere = api.client("ec2").describe_subnets(
        Filters=[{"Name": "default-for-az", "Values": ["true"]}]
    )
    rds.modify_db_subnet_group(
        DBSubnetGroupName=database["DBSubnetGroup"]["DBSubnetGroupName"],
        SubnetIds=[one["SubnetId"] for one in elsewhere["Subnets"]],
    )
    for secret in secrets.list_secrets()["SecretList"]:
        if secret["Name"].startswith("autodeploy/"):
            secrets.delete_secret(SecretId=secret["ARN"])


def drift_of_the_cache(api):
    """The same for a Redis."""
    known, ec2 = api.client("elasticache"), api.client("ec2")
    (group,) = known.describe_cache_subnet_groups()["CacheSubnetGroups"]
    inside = {"Name": "vpc-id", "Values": [group["VpcId"]]}
    public = {"Name": "tag:autodeploy:resource", "Values": ["subnet-public-*"]}
    subnets = ec2.describe_subnets(Filters=[inside, public])["Subnets"]
    known.modify_cache_subnet_group(
        CacheSubnetGroupName=group["CacheSubnetGroupName"],
        SubnetIds=[one["SubnetId"] for one in subnets],
    )
    default = {"Name": "group-name", "Values": ["default"]}
    (other,) = ec2.describe_security_groups(Filters=[inside, default])["SecurityGroups"]
    (cache,) = known.describe_replication_groups()["ReplicationGroups"]
    known.modify_replication_group(
        ReplicationGroupId=cache["ReplicationGroupId"], SecurityGroupIds=[other["GroupId"]]
    )


def drift_of_the_front(api):
    """The same for a load balancer: no part of it is known to be ours by another one."""
    elb, ec2 = api.client("elbv2"), api.client("ec2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    (group,) = elb.describe_target_groups()["TargetGroups"]
    arn, inside = balancer["LoadBalancerArn"], {"Name": "vpc-id", "Values": [balancer["VpcId"]]}
    default = {"Name": "group-name", "Values": ["default"]}
    (other,) = ec2.describe_security_groups(Filters=[inside, default])["SecurityGroups"]
    elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[other["GroupId"]])
    private = {"Name": "tag:autodeploy:resource", "Values": ["subnet-private-*"]}
    subnets = ec2.describe_subnets(Filters=[inside, private])["Subnets"]
    elb.set_subnets(LoadBalancerArn=arn, Subnets=[one["SubnetId"] for one in subnets])
    elb.modify_target_group(TargetGroupArn=group["TargetGroupArn"], HealthCheckPath="/other")
    for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
        named = {"ListenerArn": listener["ListenerArn"]}
        if listener["Port"] == 443:
            elb.delete_listener(**named)
        else:
            says = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
            elb.modify_listener(**named, DefaultActions=[says])


def drift_of_alarms(api):
    """The same for alarms; and somebody has confirmed that the mail is for him."""
    sns, cloudwatch = api.client("sns"), api.client("cloudwatch")
    (mail,) = api.admin("GET", "mail")
    sns.confirm_subscription(TopicArn=mail["topic"], Token=mail["token"])
    for one in cloudwatch.describe_alarms()["MetricAlarms"]:
        if one["AlarmName"].endswith("alarm-host-1"):
            told = ("AlarmActions", "OKActions", "InsufficientDataActions")
            same = ("MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods")
            same += ("AlarmName", "Threshold", "ComparisonOperator")
            said = {name: one[name] for name in same} | {name: [] for name in told}
            cloudwatch.put_metric_alarm(**said)


def secrets(controller):
    """What `secrets set` does, and a deployment of what was set, until they go."""
    tags = [{"Key": MANAGED, "Value": MANAGER}]
    kept = SecretVersions(controller.cloud, "autodeploy/shop/production/variables", tags)
    version = str(uuid.uuid4())
    kept.put(version, 1, {"TOKEN": "1"})
    assert kept.get(version) == {"TOKEN": "1"}
    kept.delete()


def deployment(api, controller, document):
    """All that a deployment does in its life, under a policy: every kind that there is."""
    controller.stack = controller.stack.model_copy(update={"databases": ("postgresql", "redis")})
    controller.settings = Settings(
        target="lab", hosts=2, domain="shop.example.com", alarms=("ops@example.com",)
    )
    api.client("route53").create_hosted_zone(Name="example.com", CallerReference="one")
    api.admin("POST", "policy", document)
    controller.cloud.identity()
    secrets(controller)
    made = controller.provision()
    _own, masters = provisioner.passwords(controller.cloud, made.database)
    masters()
    api.admin("DELETE", "policy")
    drift(api.client("ec2"))
    drift_of_data(api)
    drift_of_the_cache(api)
    drift_of_the_front(api)
    drift_of_alarms(api)
    api.admin("POST", "policy", document)
    controller.settings = controller.settings.model_copy(
        update={"instance_type": "t3.medium", "alarms": ("boss@example.com",)}
    )
    controller.provision()
    controller.settings = Settings(target="lab", domain="shop.example.com")
    controller.provision()
    api.admin("DELETE", "policy")
    clear_up(api.client("ec2"))
    api.admin("POST", "policy", document)
    controller.destroy()


def clear_up(ec2):
    """Take away what somebody else has left in the application's VPC."""
    named = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["hand"]}])
    ec2.delete_security_group(GroupId=named["SecurityGroups"][0]["GroupId"])


@pytest.mark.slow
def test_the_policy_lets_a_deployment_pass_and_has_nothing_to_spare(api, controller):
    deployment(api, controller, DOCUMENT)
    calls = record.read(api.record)
    assert [one for one in calls if one.error and "Unauthorized" in one.error] == []
    assert {one.action for one in calls} | IMPLIED >= set(ACTIONS)


@pytest.mark.slow
def test_the_policy_of_an_application_is_enough_for_it(api, controller):
    """What it does not take is looked for all the same: it may have had it."""
    controller.stack = controller.stack.model_copy(update={"databases": ()})
    controller.settings = Settings(target="lab")
    said = policy.of(controller.stack, controller.settings).document
    api.admin("POST", "policy", said)
    controller.cloud.identity()
    controller.provision()
    controller.destroy()


@pytest.mark.slow
@pytest.mark.parametrize("action", sorted({*ACTIONS} - OPTIONAL))
def test_without_any_one_action_a_deployment_fails_and_names_it(api, controller, action):
    with pytest.raises(AccessDenied) as raised:
        deployment(api, controller, without(action))
    assert action in raised.value.message


@pytest.mark.slow
@pytest.mark.parametrize("action", sorted(OPTIONAL))
def test_without_any_one_action_in_the_dns_a_deployment_passes(api, controller, action):
    deployment(api, controller, without(action))
    assert any(one.error for one in record.read(api.record) if one.action == action)


@pytest.mark.slow
def test_what_is_not_ours_may_not_be_changed(api):
    api.admin("POST", "policy", DOCUMENT)
    ec2 = api.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError) as raised:
        ec2.delete_vpc(VpcId=vpc)
    said = raised.value.response["Error"]
    assert said["Code"] == "UnauthorizedOperation"
    assert "not authorized to perform: ec2:DeleteVpc" in said["Message"]
    assert "Encoded authorization failure message: " in said["Message"]
    with pytest.raises(ClientError, match="CreateTags"):
        ec2.create_tags(Resources=[vpc], Tags=[{"Key": "autodeploy:managed-by", "Value": "me"}])


@pytest.mark.slow
@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"Statement": [{"Effect": "Perhaps", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]},
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.1"}},
                }
            ]
        },
    ],
)
def test_what_cannot_be_enforced_is_refused(api, document):
    with pytest.raises(AssertionError, match=r"understood|Statement|either"):
        api.admin("POST", "policy", document)


def needed(api, action, **asked):
    """What a call takes of a policy, as `action resource`."""
    account = Account("123456789012", "us-east-1")
    return {f"{one.action} {one.resource}" for one in permissions.needed(account, action, asked)}


ARN = "arn:aws:{}:us-east-1:123456789012:{}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "asked", "more"),
    [
        (
            "rds:CreateDBInstance",
            {"DBInstanceIdentifier": "shop", "ManageMasterUserPassword": True},
            [
                f"rds:CreateDBInstance {ARN.format('rds', 'db:shop')}",
                f"kms:DescribeKey {ARN.format('kms', 'key/default')}",
                f"secretsmanager:CreateSecret {ARN.format('secretsmanager', 'secret:rds!db-new')}",
                f"secretsmanager:TagResource {ARN.format('secretsmanager', 'secret:rds!db-new')}",
                "iam:CreateServiceLinkedRole arn:aws:iam::123456789012:role/aws-service-role/"
                "rds.amazonaws.com/AWSServiceRole",
            ],
        ),
        (
            "rds:DeleteDBInstance",
            {"DBInstanceIdentifier": "shop", "FinalDBSnapshotIdentifier": "last"},
            [
                f"rds:DeleteDBInstance {ARN.format('rds', 'db:shop')}",
                f"rds:CreateDBSnapshot {ARN.format('rds', 'snapshot:last')}",
            ],
        ),
        (
            "rds:DeleteDBSubnetGroup",
            {"DBSubnetGroupName": "shop"},
            [f"rds:DeleteDBSubnetGroup {ARN.format('rds', 'subgrp:shop')}"],
        ),
        (
            "elasticloadbalancing:CreateLoadBalancer",
            {"Name": "shop", "Tags": [{"Key": "a", "Value": "b"}]},
            [
                "elasticloadbalancing:CreateLoadBalancer *",
                "elasticloadbalancing:AddTags *",
                "iam:CreateServiceLinkedRole arn:aws:iam::123456789012:role/aws-service-role/"
                "elasticloadbalancing.amazonaws.com/AWSServiceRole",
            ],
        ),
        (
            "secretsmanager:CreateSecret",
            {"Name": "shop", "Tags": [{"Key": "a", "Value": "b"}]},
            [
                f"secretsmanager:CreateSecret {ARN.format('secretsmanager', 'secret:shop')}",
                f"secretsmanager:TagResource {ARN.format('secretsmanager', 'secret:shop')}",
            ],
        ),
        (
            "route53:ChangeResourceRecordSets",
            {},
            ["route53:ChangeResourceRecordSets arn:aws:route53:::hostedzone/some"],
        ),
    ],
)
def test_a_call_takes_what_its_service_does_in_the_callers_name(api, action, asked, more):
    assert needed(api, action, **asked) == set(more)


@pytest.mark.slow
def test_secrets_are_ours_by_their_names_and_tags(api):
    api.admin("POST", "policy", document(["AWS::SecretsManager::Secret"]))
    client = api.client("secretsmanager")
    ours = [{"Key": "autodeploy:managed-by", "Value": "autodeploy"}]
    client.create_secret(Name="autodeploy/shop", SecretString="not-a-secret", Tags=ours)
    said = client.get_secret_value(SecretId="autodeploy/shop")
    assert said["SecretString"] == "not-a-secret"
    with pytest.raises(ClientError, match="CreateSecret"):
        client.create_secret(Name="shop", SecretString="x", Tags=ours)
    api.admin("DELETE", "policy")
    client.create_secret(Name="autodeploy/foreign", SecretString="x")
    api.admin("POST", "policy", document(["AWS::SecretsManager::Secret"]))
    client.describe_secret(SecretId="autodeploy/foreign")
    with pytest.raises(ClientError, match="GetSecretValue"):
        client.get_secret_value(SecretId="autodeploy/foreign")
    with pytest.raises(ClientError, match="DeleteSecret"):
        client.delete_secret(SecretId="autodeploy/foreign")
    client.delete_secret(SecretId="autodeploy/shop")


def verdict(statements, action="ec2:RunInstances", resource="arn:aws:ec2:r:a:vpc/vpc-1", **tags):
    context = {f"aws:resourcetag/{key}": (value,) for key, value in tags.items()}
    parsed = iam.parse({"Statement": statements})
    return iam.decide(parsed, iam.Asked(action=action, resource=resource, context=context))


def allow(action="*", resource="*", effect="Allow", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


TAGGED = {"StringEquals": {"aws:ResourceTag/owner": ["us", "them"]}}


@pytest.mark.parametrize(
    ("statements", "tags", "wanted"),
    [
        ([], {}, "denied"),
        ([allow()], {}, "allowed"),
        ([allow("ec2:*")], {}, "allowed"),
        ([allow("EC2:runinstances")], {}, "allowed"),
        ([allow("ec2:Run*")], {}, "allowed"),
        ([allow("ec2:R?nInstances")], {}, "allowed"),
        ([allow("rds:*")], {}, "denied"),
        ([allow(["rds:*", "ec2:Run*"])], {}, "allowed"),
        ([allow(resource="arn:aws:ec2:*:*:vpc/*")], {}, "allowed"),
        ([allow(resource="arn:aws:ec2:*:*:subnet/*")], {}, "denied"),
        ([allow(), allow("ec2:RunInstances", effect="Deny")], {}, "explicitly denied"),
        ([allow(), allow("ec2:StopInstances", effect="Deny")], {}, "allowed"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], {}, "allowed"),
        ([{"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}], {}, "denied"),
        (
            [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:ec2:*:*:vpc/*"}],
            {},
            "denied",
        ),
        ([allow(Condition=TAGGED)], {}, "denied"),
        ([allow(Condition=TAGGED)], {"owner": "us"}, "allowed"),
        ([allow(Condition=TAGGED)], {"owner": "them"}, "allowed"),
        ([allow(Condition=TAGGED)], {"owner": "US"}, "denied"),
        (
            [allow(Condition={"StringLike": {"aws:ResourceTag/owner": "u*"}})],
            {"owner": "us"},
            "allowed",
        ),
        ([allow(Condition={"StringNotEquals": {"aws:ResourceTag/owner": "us"}})], {}, "allowed"),
        (
            [allow(Condition={"StringNotEquals": {"aws:ResourceTag/owner": "us"}})],
            {"owner": "us"},
            "denied",
        ),
        (
            [allow(Condition={"StringEqualsIfExists": {"aws:ResourceTag/owner": "us"}})],
            {},
            "allowed",
        ),
        ([allow(Condition={"Null": {"aws:ResourceTag/owner": "true"}})], {}, "allowed"),
        ([allow(Condition={"Null": {"aws:ResourceTag/owner": "true"}})], {"owner": "us"}, "denied"),
        (
            [
                allow(
                    Condition={
                        "StringEquals": {"aws:ResourceTag/owner": "us", "aws:ResourceTag/x": "y"}
                    }
                )
            ],
            {"owner": "us"},
            "denied",
        ),
    ],
)
def test_a_policy_is_read_as_iam_reads_it(statements, tags, wanted):
    assert verdict(statements, **tags) == wanted
