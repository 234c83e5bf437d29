"""The load balancer and what belongs to it, at moto's API."""

from __future__ import annotations

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.elbv2.models import elbv2_backends

import moto_api
from autodeploy.aws.errors import refused
from autodeploy.contracts import Action, TechStack
from autodeploy.errors import EndpointUnreachable, NameTaken
from autodeploy.provisioner.kinds import KINDS
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
CERTIFICATE = "AWS::CertificateManager::Certificate"
WEB = TechStack(language="go", processes={"web": "run"}, health_path="/healthz")
PLAIN = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 2,
    "AWS::EC2::KeyPair": 1,
    "AWS::EC2::Instance": 2,
    BALANCER: 1,
    GROUP: 1,
    TARGETS: 1,
    LISTENER: 1,
}
SECURE = {**PLAIN, "AWS::EC2::SecurityGroup": 3, LISTENER: 2, CERTIFICATE: 1}
COUNTS = {None: PLAIN, "shop.example.com": SECURE}
EITHER = pytest.mark.parametrize("domain", COUNTS)


def settings(hosts=2, domain=None, **more):
    return Settings(target="lab", hosts=hosts, domain=domain, **more)


@pytest.fixture
def controller(controller):
    controller.stack, controller.settings = WEB, settings()
    return controller


def there(kind):
    return moto_api.of(kind)


def actions(controller):
    return {one.key: one for one in controller.plan().actions if one.action is not Action.NONE}


def written(controller, call):
    """The mutating calls that something makes."""
    controller.cloud.calls.clear()
    call()
    return moto_api.writes(controller.cloud)


def test_several_hosts_stand_behind_a_load_balancer(controller):
    planned = controller.plan()
    spec = controller.provision()
    assert [(a.key, a.type) for a in planned.actions] == [(r.key, r.type) for r in spec.resources]
    assert moto_api.counts() == PLAIN
    ids = {one.key: one.id for one in spec.resources}
    (balancer,) = there(BALANCER)
    assert balancer["Scheme"] == "internet-facing"
    zones = {one["SubnetId"] for one in balancer["AvailabilityZones"]}
    assert zones == {ids["subnet-public-a"], ids["subnet-public-b"]}
    assert balancer["SecurityGroups"] == [ids["security-group-lb"]]
    (group,) = there(GROUP)
    assert group["HealthCheckPath"] == "/healthz"
    assert group["Matcher"] == {"HttpCode": "200-399"}
    attributes = moto_api.client("elbv2").describe_target_group_attributes(
        TargetGroupArn=group["TargetGroupArn"]
    )["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "30"} in attributes
    (registered,) = there(TARGETS)
    targets = {one["Target"]["Id"] for one in registered["targets"]}
    assert targets == {ids["host-1"], ids["host-2"]}
    (listener,) = there(LISTENER)
    (action,) = listener["DefaultActions"]
    assert (action["Type"], action["TargetGroupArn"]) == ("forward", group["TargetGroupArn"])
    assert spec.url == f"http://{balancer['DNSName']}/"
    assert (spec.ingress_ports, spec.public_ports) == ((80,), (80,))


def test_only_the_load_balancer_reaches_the_hosts(controller):
    controller.settings = settings(domain="shop.example.com")
    ids = {one.key: one.id for one in controller.provision().resources}
    groups = moto_api.of("AWS::EC2::SecurityGroup")
    rules = {one["GroupId"]: one["IpPermissions"] for one in groups}
    (rule,) = rules[ids["security-group-app"]]
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (80, 80, [])
    assert [one["GroupId"] for one in rule["UserIdGroupPairs"]] == [ids["security-group-lb"]]
    for key, port in (("security-group-lb", 80), ("security-group-https", 443)):
        (rule,) = rules[ids[key]]
        assert (rule["FromPort"], rule["ToPort"]) == (port, port)
        assert [one["CidrIp"] for one in rule["IpRanges"]] == ["0.0.0.0/0"]


def test_with_a_domain_https_answers_and_http_leads_there(controller):
    controller.settings = settings(domain="shop.example.com")
    spec = controller.provision()
    assert moto_api.counts() == SECURE
    ids = {one.key: one.id for one in spec.resources}
    (balancer,) = there(BALANCER)
    groups = {ids["security-group-lb"], ids["security-group-https"]}
    assert set(balancer["SecurityGroups"]) == groups
    by_port = {one["Port"]: one for one in there(LISTENER)}
    secure, plain = by_port[443], by_port[80]
    assert secure["Protocol"] == "HTTPS"
    assert secure["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    (certificate,) = there(CERTIFICATE)
    assert certificate["DomainName"] == "shop.example.com"
    arns = [one["CertificateArn"] for one in secure["Certificates"]]
    assert arns == [certificate["CertificateArn"]]
    assert secure["DefaultActions"][0]["TargetGroupArn"] == ids["target-group"]
    (action,) = plain["DefaultActions"]
    assert action["Type"] == "redirect"
    assert action["RedirectConfig"]["Protocol"] == "HTTPS"
    assert action["RedirectConfig"]["StatusCode"] == "HTTP_301"
    assert spec.url == "https://shop.example.com/"
    assert spec.load_balancer == balancer["DNSName"]
    assert (spec.ingress_ports, spec.public_ports) == ((80,), (80, 443))


@EITHER
def test_the_second_time_reads_each_kind_once_and_writes_nothing(controller, domain):
    controller.settings = settings(domain=domain)
    first = controller.provision()
    controller.cloud.calls.clear()
    assert controller.provision() == first
    reads = [call.action for call in controller.cloud.calls]
    assert moto_api.writes(controller.cloud) == []
    assert len(reads) == len(set(reads)) <= len(KINDS)
    assert not controller.plan().changes


@EITHER
def test_every_part_bears_the_tags_from_its_creation(controller, domain):
    controller.settings = settings(domain=domain)
    spec = controller.provision()
    assert not {"AddTags", "AddTagsToCertificate"} & set(moto_api.writes(controller.cloud))
    balancing = [one.id for one in spec.resources if "::ElasticLoadBalancingV2::" in one.type]
    answer = moto_api.client("elbv2").describe_tags(ResourceArns=balancing)["TagDescriptions"]
    tags = [one["Tags"] for one in answer]
    for one in there(CERTIFICATE):
        arn = one["CertificateArn"]
        answer = moto_api.client("acm").list_tags_for_certificate(CertificateArn=arn)
        tags.append(answer["Tags"])
    for each in tags:
        assert controller.owner.owns({tag["Key"]: tag["Value"] for tag in each})


@EITHER
def test_a_crash_after_every_single_call_loses_and_doubles_nothing(
    controller, one_at_a_time, domain
):
    controller.settings = settings(domain=domain)
    calls = 0
    while True:
        planned = controller.plan()
        try:
            with moto_api.crash_after(1):
                spec = controller.restarted().provision()
        except moto_api.Crash:
            calls += 1
        else:
            break
        there = moto_api.counts()
        assert all(there[kind] <= COUNTS[domain][kind] for kind in there)
        assert planned.changes
    assert moto_api.counts() == COUNTS[domain]
    assert {one.id for one in spec.resources} == {one.id for one in controller.inventory()}


@EITHER
def test_a_crash_after_every_single_call_of_destroy_leaves_nothing(controller, domain):
    controller.settings = settings(domain=domain)
    controller.provision()
    while True:
        try:
            with moto_api.crash_after(1):
                controller.restarted().destroy()
        except moto_api.Crash:
            continue
        break
    assert not any(moto_api.everything().values())


@EITHER
def test_an_answer_that_is_lost_doubles_nothing(controller, domain):
    controller.settings = settings(domain=domain)
    lost = set()

    def lose(model, **_):
        if not model.name.startswith(moto_api.READS) and model.name not in lost:
            lost.add(model.name)
            raise EndpointUnreachable("the answer was lost", action=model.name)

    with moto_api.hook("after-call", lose):
        controller.provision()
    assert {"CreateLoadBalancer", "CreateTargetGroup", "CreateListener"} <= lost
    assert moto_api.counts() == COUNTS[domain]
    assert not controller.plan().changes


@pytest.mark.parametrize("before", [1, 2, 3])
@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("domains", [(None, None), (None, "b.test"), ("a.test", "b.test")])
def test_a_crash_after_every_single_call_of_a_change_is_made_good(
    controller, one_at_a_time, before, after, domains
):
    controller.settings = settings(before, domains[0])
    controller.provision()
    controller.settings = settings(after, domains[1])
    while True:
        try:
            with moto_api.crash_after(1):
                controller.restarted().provision()
        except moto_api.Crash:
            continue
        break
    assert not controller.plan().changes
    wanted = COUNTS["shop.example.com" if domains[1] else None] if after > 1 else {}
    found = {kind: number for kind, number in moto_api.counts().items() if "EC2" not in kind}
    assert found == {kind: number for kind, number in wanted.items() if "EC2" not in kind}
    assert moto_api.counts().get("AWS::EC2::Instance", 0) == after


def test_a_domain_comes_and_goes_in_place(controller):
    ids = {one.key: one.id for one in controller.provision().resources}
    controller.settings = settings(domain="shop.example.com")
    changed = actions(controller)
    assert {key: one.action for key, one in changed.items()} == {
        "security-group-https": Action.CREATE,
        "certificate-shop.example.com": Action.CREATE,
        "load-balancer": Action.UPDATE,
        "listener-https": Action.CREATE,
        "listener-http": Action.UPDATE,
    }
    calls = written(controller, controller.provision)
    # HTTP is not sent to HTTPS before that answers.
    assert calls.index("CreateListener") < calls.index("ModifyListener")
    controller.settings = settings()
    calls = written(controller, controller.provision)
    assert calls.index("ModifyListener") < calls.index("DeleteListener")
    assert calls.index("DeleteListener") < calls.index("DeleteCertificate")
    assert {one.key: one.id for one in controller.provision().resources} == ids
    assert moto_api.counts() == PLAIN


def test_another_domain_is_another_certificate_on_the_same_listener(controller):
    controller.settings = settings(domain="one.example.com")
    before = {one.key: one.id for one in controller.provision().resources}
    controller.settings = settings(domain="two.example.com")
    calls = written(controller, controller.provision)
    assert calls.index("ModifyListener") < calls.index("DeleteCertificate")
    assert not {"CreateListener", "CreateLoadBalancer", "DeleteListener"} & set(calls)
    after = {one.key: one.id for one in controller.provision().resources}
    assert before["listener-https"] == after["listener-https"]
    (certificate,) = there(CERTIFICATE)
    assert certificate["DomainName"] == "two.example.com"


def test_without_a_load_balancer_the_world_reaches_the_host_again(controller):
    controller.provision()
    (balancer,) = there(BALANCER)
    controller.settings = settings(hosts=1)
    changed = actions(controller)
    assert changed["load-balancer"].action is Action.DELETE
    assert f"{balancer['DNSName']}, stops answering" in changed["load-balancer"].reason
    assert changed["security-group-app"].action is Action.UPDATE
    spec = controller.provision()
    assert not any(moto_api.front().values())
    (group,) = moto_api.of("AWS::EC2::SecurityGroup")
    assert [one["CidrIp"] for one in group["IpPermissions"][0]["IpRanges"]] == ["0.0.0.0/0"]
    assert spec.url == f"http://{spec.hosts[0].address}/"


def test_a_host_that_goes_is_drained_before_it_is_terminated(controller):
    controller.settings = settings(hosts=3)
    ids = {one.key: one.id for one in controller.provision().resources}
    (group,) = there(GROUP)
    looks = []

    def drains(parsed, **_):
        """moto has no draining targets: the first look after a deregistration shows one."""
        if "DeregisterTargets" in moto_api.writes(controller.cloud) and len(looks) < 3:
            looks.append("TerminateInstances" in moto_api.writes(controller.cloud))
            health = {"State": "draining", "Reason": "Target.DeregistrationInProgress"}
            one = {"Target": {"Id": ids["host-3"], "Port": 80}, "TargetHealth": health}
            parsed["TargetHealthDescriptions"].append(one)

    controller.settings = settings(hosts=2)
    controller.cloud.calls.clear()
    with moto_api.hook("after-call.elastic-load-balancing-v2.DescribeTargetHealth", drains):
        controller.provision()
    assert looks == [False] * 3
    calls = moto_api.writes(controller.cloud)
    assert calls.index("DeregisterTargets") < calls.index("TerminateInstances")
    (registered,) = there(TARGETS)
    assert {one["Target"]["Id"] for one in registered["targets"]} == {ids["host-1"], ids["host-2"]}
    assert there(GROUP) == [group]


def test_a_new_host_takes_the_place_of_one_that_was_terminated(controller):
    ids = {one.key: one.id for one in controller.provision().resources}
    moto_api.client().terminate_instances(InstanceIds=[ids["host-1"]])
    reason = actions(controller)["targets"].reason
    assert reason == "has not host-1"
    after = {one.key: one.id for one in controller.provision().resources}
    (registered,) = there(TARGETS)
    targets = {one["Target"]["Id"] for one in registered["targets"]}
    assert targets == {after["host-1"], after["host-2"]}


def test_a_target_that_nobody_asked_for_is_taken_out(controller):
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    stranger = moto_api.client().run_instances(
        ImageId=moto_api.IMAGES["12"], MinCount=1, MaxCount=1, SubnetId=ids["subnet-public-a"]
    )["Instances"][0]["InstanceId"]
    moto_api.client("elbv2").register_targets(
        TargetGroupArn=ids["target-group"], Targets=[{"Id": stranger}]
    )
    assert stranger in actions(controller)["targets"].reason
    assert written(controller, controller.provision) == ["DeregisterTargets"]


@pytest.mark.parametrize(
    ("path", "codes"), [(None, "200-499"), ("/", "200-499"), ("/up", "200-399")]
)
def test_another_health_path_changes_the_check_in_place(controller, path, codes):
    before = controller.provision()
    controller.stack = WEB.model_copy(update={"health_path": path})
    assert written(controller, controller.provision) == ["ModifyTargetGroup"]
    (group,) = there(GROUP)
    assert (group["HealthCheckPath"], group["Matcher"]["HttpCode"]) == (path or "/", codes)
    assert controller.provision() == before


def test_what_was_changed_by_hand_is_put_right_in_place(controller):
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    elb = moto_api.client("elbv2")
    elb.set_subnets(
        LoadBalancerArn=ids["load-balancer"],
        Subnets=[ids["subnet-private-a"], ids["subnet-private-b"]],
    )
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    elb.modify_listener(ListenerArn=ids["listener-http"], DefaultActions=[fixed])
    calls = written(controller, controller.provision)
    assert sorted(calls) == ["ModifyListener", "SetSubnets"]
    assert controller.provision() == spec
    assert not controller.plan().changes


def test_a_target_group_on_another_port_is_replaced_under_its_listener(controller):
    controller.settings = settings(domain="shop.example.com")
    ids = {one.key: one.id for one in controller.provision().resources}
    backend = elbv2_backends[DEFAULT_ACCOUNT_ID][moto_api.REGION]
    backend.target_groups[ids["target-group"]].port = 8080
    changed = actions(controller)
    assert changed["target-group"].action is Action.REPLACE
    assert "cannot be changed" in changed["target-group"].reason
    assert {key: one.action for key, one in changed.items() if key != "target-group"} == {
        "targets": Action.UPDATE,
        "listener-https": Action.UPDATE,
    }
    after = {one.key: one.id for one in controller.provision().resources}
    assert after["target-group"] != ids["target-group"]
    assert after["listener-https"] == ids["listener-https"]
    assert moto_api.counts() == SECURE
    # moto does not see that a listener that was changed forwards to it.
    backend.target_groups[after["target-group"]].load_balancer_arns = [ids["load-balancer"]]
    assert not controller.plan().changes


@pytest.mark.parametrize("kind", ["load balancer", "target group"])
def test_a_stranger_of_our_name_is_an_error_and_is_not_touched(controller, kind):
    ids = {one.key: one.id for one in moto_api.Controller(controller.folder).provision().resources}
    elb, name = moto_api.client("elbv2"), controller.owner.short_name
    if kind == "load balancer":
        subnets = [ids["subnet-public-a"], ids["subnet-public-b"]]
        made = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"]
        code = "DuplicateLoadBalancerName"
    else:
        made = elb.create_target_group(Name=name, Protocol="HTTP", Port=1, VpcId=ids["vpc"])
        made, code = made["TargetGroups"], "DuplicateTargetGroupName"

    def refuses(model, **_):
        """moto makes load balancers of the same name."""
        if model.name == "CreateLoadBalancer":
            raise refused("elasticloadbalancing:CreateLoadBalancer", code, "exists")

    hooked = moto_api.hook("before-call.elastic-load-balancing-v2", refuses)
    with hooked, pytest.raises(NameTaken) as caught:
        controller.provision()
    assert caught.value.code == code
    controller.destroy()
    field = "LoadBalancerArn" if kind == "load balancer" else "TargetGroupArn"
    left = there(BALANCER if kind == "load balancer" else GROUP)
    assert made[0][field] in {one[field] for one in left}
