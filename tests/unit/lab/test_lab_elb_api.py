"""ELBv2's API without hosts: what it refuses, what it is idempotent in, what the fleet is told."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.acm.models import acm_backends
from moto.elbv2.models import elbv2_backends

from autodeploy.lab.api.acm import LabACMBackend
from autodeploy.lab.api.elbv2 import LabELBv2Backend
from autodeploy.lab.authority import Authority
from autodeploy.lab.balancers import health
from autodeploy.lab.dns.zones import World
from autodeploy.lab.site import Site

pytestmark = pytest.mark.slow
REGION = "us-east-1"
SAYS = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


class Running:
    """A balancer without a host: it keeps what it is told."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.leaving = {}

    def want(self, wanted):
        self.wanted = wanted

    def drain(self, server, until):
        self.leaving[server] = until

    def health(self):
        return lambda _: health.HEALTHY


class NoHosts:
    """A fleet without hosts."""

    def __init__(self):
        self.running, self.placements, self.enter = {}, {}, {}

    def create(self, arn, dns_name, placement, internet_facing, wanted, enter):
        self.running[arn] = Running(wanted)
        self.placements[arn] = placement
        self.enter[arn] = enter

    def get(self, arn):
        return self.running.get(arn)

    def destroy(self, arn):
        self.running.pop(arn, None)


@pytest.fixture
def fleet(monkeypatch, tmp_path):
    made = NoHosts()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    monkeypatch.setattr(elbv2_backends, "backend", LabELBv2Backend)
    monkeypatch.setattr(acm_backends, "backend", LabACMBackend)
    monkeypatch.setattr(LabELBv2Backend, "fleet", made, raising=False)
    authority = Authority.of(Site(tmp_path, tmp_path))
    monkeypatch.setattr(LabACMBackend, "authority", authority, raising=False)
    nowhere = staticmethod(lambda: World((), lambda _: ()))
    monkeypatch.setattr(LabACMBackend, "known", nowhere, raising=False)
    with mock_aws():
        yield made


@pytest.fixture
def elb(fleet):
    return boto3.client("elbv2", region_name=REGION)


@pytest.fixture
def ec2(fleet):
    return boto3.client("ec2", region_name=REGION)


@pytest.fixture
def subnets(ec2):
    return sorted(ec2.describe_subnets()["Subnets"], key=lambda one: one["AvailabilityZone"])


@pytest.fixture
def balancer(elb, subnets):
    return create(elb, subnets)["LoadBalancerArn"]


@pytest.fixture
def group(elb, subnets):
    return create_group(elb, subnets)


def create(elb, subnets, name="shop", zones=2, **more):
    asked = [one["SubnetId"] for one in subnets[:zones]]
    return elb.create_load_balancer(Name=name, Subnets=asked, **more)["LoadBalancers"][0]


def create_group(elb, subnets, name="web", **more):
    more = {"Protocol": "HTTP", "Port": 80, "VpcId": subnets[0]["VpcId"], **more}
    return elb.create_target_group(Name=name, **more)["TargetGroups"][0]["TargetGroupArn"]


def listen(elb, balancer, action, port=80, **more):
    more = {"Protocol": "HTTP", "DefaultActions": [action], **more}
    made = elb.create_listener(LoadBalancerArn=balancer, Port=port, **more)
    return made["Listeners"][0]["ListenerArn"]


def instance(ec2, subnet):
    image = ec2.register_image(Name=f"i{id(subnet)}", RootDeviceName="/dev/sda1")["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"])
    return made["Instances"][0]["InstanceId"]


def refused(call, code):
    with pytest.raises(ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code
    return raised.value.response["Error"]["Message"]


def test_it_is_provisioning_until_its_host_answers(fleet, elb, subnets):
    made = create(elb, subnets)
    arn = made["LoadBalancerArn"]
    assert made["State"]["Code"] == "provisioning"
    assert made["Scheme"] == "internet-facing"
    assert made["DNSName"].startswith("shop-")
    assert made["DNSName"].endswith(".us-east-1.elb.amazonaws.com")
    (seen,) = elb.describe_load_balancers(Names=["shop"])["LoadBalancers"]
    assert seen["State"]["Code"] == "provisioning"
    fleet.enter[arn]("active")
    elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn])


def test_the_same_balancer_is_made_once(elb, subnets):
    first, second = create(elb, subnets), create(elb, subnets)
    assert first["LoadBalancerArn"] == second["LoadBalancerArn"]
    refused(lambda: create(elb, subnets, Scheme="internal"), "DuplicateLoadBalancerName")


def test_the_same_group_and_listener_are_made_once(elb, subnets, balancer, group):
    assert create_group(elb, subnets) == group
    refused(lambda: create_group(elb, subnets, Port=81), "DuplicateTargetGroupName")
    listener = listen(elb, balancer, SAYS)
    assert listen(elb, balancer, SAYS) == listener
    other = {"Type": "forward", "TargetGroupArn": group}
    refused(lambda: listen(elb, balancer, other), "DuplicateListener")


def test_two_zones_are_demanded(elb, subnets):
    refused(lambda: create(elb, subnets, zones=1), "ValidationError")


def test_it_has_an_interface_that_goes_with_it(fleet, ec2, elb, subnets):
    arn = create(elb, subnets)["LoadBalancerArn"]
    asked = [{"Name": "description", "Values": ["ELB app/shop/*"]}]
    (found,) = ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"]
    placement = fleet.placements[arn]
    assert found["PrivateIpAddress"] == str(placement.private)
    assert placement.private in placement.subnet
    assert [one["GroupId"] for one in found["Groups"]] == list(placement.security_groups)
    elb.delete_load_balancer(LoadBalancerArn=arn)
    assert ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"] == []
    assert fleet.running == {}
    elb.delete_load_balancer(LoadBalancerArn=arn)


def test_a_protected_balancer_is_not_deleted(fleet, elb, balancer):
    protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=protect)
    delete = {"LoadBalancerArn": balancer}
    refused(lambda: elb.delete_load_balancer(**delete), "OperationNotPermitted")
    assert list(fleet.running) == [balancer]


def test_a_group_in_use_is_not_deleted(elb, balancer, group):
    listener = listen(elb, balancer, {"Type": "forward", "TargetGroupArn": group})
    refused(lambda: elb.delete_target_group(TargetGroupArn=group), "ResourceInUse")
    elb.delete_listener(ListenerArn=listener)
    elb.delete_target_group(TargetGroupArn=group)


def test_a_target_is_somewhere_and_runs(ec2, elb, subnets, group):
    def register(**target):
        elb.register_targets(TargetGroupArn=group, Targets=[target])

    refused(lambda: register(Id="i-0123456789abcdef0"), "InvalidTarget")
    refused(lambda: register(Id="10.0.0.4"), "ValidationError")
    stopped = instance(ec2, subnets[0])
    ec2.stop_instances(InstanceIds=[stopped])
    refused(lambda: register(Id=stopped), "InvalidTarget")
    addresses = create_group(elb, subnets, "addresses", TargetType="ip")
    bad = {"TargetGroupArn": addresses, "Targets": [{"Id": "somewhere"}]}
    refused(lambda: elb.register_targets(**bad), "ValidationError")


def reason(elb, group, target):
    found = elb.describe_target_health(TargetGroupArn=group, Targets=[{"Id": target}])
    return found["TargetHealthDescriptions"][0]["TargetHealth"].get("Reason")


def test_a_target_of_another_zone_is_not_used(fleet, ec2, elb, subnets, balancer, group):
    near, far = instance(ec2, subnets[0]), instance(ec2, subnets[2])
    both = [{"Id": near}, {"Id": far, "Port": 8080}]
    elb.register_targets(TargetGroupArn=group, Targets=both)
    assert reason(elb, group, near) == "Target.NotInUse"
    listen(elb, balancer, {"Type": "forward", "TargetGroupArn": group})
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": far}])
    assert reason(elb, group, near) is None
    assert reason(elb, group, far) == "Target.NotInUse"
    (told,) = fleet.running[balancer].wanted.target_groups
    assert [one.port for one in told.targets] == [80]


def test_one_instance_may_be_several_targets(fleet, ec2, elb, subnets, balancer, group):
    one = instance(ec2, subnets[0])
    listen(elb, balancer, {"Type": "forward", "TargetGroupArn": group})
    ports = [{"Id": one, "Port": port} for port in (80, 81)]
    elb.register_targets(TargetGroupArn=group, Targets=ports)
    (told,) = fleet.running[balancer].wanted.target_groups
    assert [target.port for target in told.targets] == [80, 81]
    elb.deregister_targets(TargetGroupArn=group, Targets=ports[:1])
    (told,) = fleet.running[balancer].wanted.target_groups
    assert [target.port for target in told.targets] == [81]
    assert [target.port for target in told.draining] == [80]
    assert len(fleet.running[balancer].leaving) == 1
    assert reason(elb, group, one) == "Target.DeregistrationInProgress"
    elb.deregister_targets(TargetGroupArn=group, Targets=ports[:1])


def test_a_stopped_instance_is_not_used_and_a_terminated_one_is_no_target(
    ec2, elb, subnets, balancer, group
):
    one = instance(ec2, subnets[0])
    listen(elb, balancer, {"Type": "forward", "TargetGroupArn": group})
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": one}])
    ec2.stop_instances(InstanceIds=[one])
    assert reason(elb, group, one) == "Target.InvalidState"
    ec2.terminate_instances(InstanceIds=[one])
    assert reason(elb, group, one) == "Target.NotRegistered"
    assert elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"] == []


def test_https_wants_a_certificate_that_is_there(fleet, elb, balancer):
    acm = boto3.client("acm", region_name=REGION)
    refused(lambda: listen(elb, balancer, SAYS, 443, Protocol="HTTPS"), "ValidationError")
    lost = [{"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/lost"}]
    https = {"Protocol": "HTTPS", "Certificates": lost}
    refused(lambda: listen(elb, balancer, SAYS, 443, **https), "CertificateNotFound")
    asked = acm.request_certificate(DomainName="shop.test")["CertificateArn"]
    https = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": asked}]}
    refused(lambda: listen(elb, balancer, SAYS, 443, **https), "UnsupportedCertificate")
    assert fleet.running[balancer].wanted.listeners == ()


def test_what_the_lab_cannot_do_is_refused_and_changes_nothing(fleet, elb, balancer):
    listener = listen(elb, balancer, SAYS)
    before = fleet.running[balancer].wanted
    header = {"HttpHeaderName": "X } {", "Values": ["a"]}
    asked = {
        "ListenerArn": listener,
        "Priority": 1,
        "Conditions": [{"Field": "http-header", "HttpHeaderConfig": header}],
        "Actions": [SAYS],
    }
    refused(lambda: elb.create_rule(**asked), "ValidationError")
    assert fleet.running[balancer].wanted == before
    subnets = {"Subnets": ["subnet-1"], "Type": "network"}
    refused(lambda: elb.create_load_balancer(Name="tcp", **subnets), "InvalidConfigurationRequest")


def test_a_group_is_one_for_http(elb, subnets, balancer, group):
    refused(
        lambda: create_group(elb, subnets, "odd", Matcher={"HttpCode": "ok"}), "ValidationError"
    )
    odd = {"TargetGroupArn": group, "Matcher": {"HttpCode": "200; "}}
    refused(lambda: elb.modify_target_group(**odd), "ValidationError")
    tcp = create_group(elb, subnets, "tcp", Protocol="TCP")
    forward = {"Type": "forward", "TargetGroupArn": tcp}
    refused(lambda: listen(elb, balancer, forward), "InvalidConfigurationRequest")
    with pytest.raises(ClientError):
        elb.describe_load_balancers(Names=["shop", "other"])


def test_rules_reach_the_balancer_by_their_priorities(fleet, elb, balancer, group):
    listener = listen(elb, balancer, SAYS)
    for priority, path in ((20, "/b"), (3, "/a")):
        elb.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
        )
    (told,) = fleet.running[balancer].wanted.listeners
    assert [rule.conditions[0].values[0] for rule in told.rules] == ["/a", "/b"]
