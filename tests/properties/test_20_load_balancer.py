"""A load balancer stands there exactly when the spec asks for one, whatever was there before."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
from autodeploy.contracts import TechStack
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
CERTIFICATE = "AWS::CertificateManager::Certificate"
WORLD = "0.0.0.0/0"
STRANGER = "stranger"

stacks = st.builds(
    TechStack,
    language=st.sampled_from(["python", "go", "static"]),
    processes=st.dictionaries(st.sampled_from(["web", "worker"]), st.just("run")),
    output=st.sampled_from([None, None, "dist"]),
    health_path=st.sampled_from([None, "/", "/healthz"]),
)
settings = st.builds(
    Settings,
    target=st.just("lab"),
    hosts=st.integers(1, 3),
    load_balancer=st.sampled_from([None, None, True, False]),
    domain=st.sampled_from([None, "one.example.com", "two.example.com"]),
)


def serves(stack):
    """Whether a client reaches it."""
    return "web" in stack.processes or stack.output is not None or stack.language == "static"


def is_asked(stack, wanted):
    """The requirement: for what serves the web, with several hosts or on request."""
    return (
        serves(stack) and {None: wanted.hosts > 1, True: True, False: False}[wanted.load_balancer]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An account in which a load balancer of somebody else's stands."""
    with moto_api.api():
        subnets = moto_api.client().describe_subnets()["Subnets"]
        elb = moto_api.client("elbv2")
        elb.create_load_balancer(Name=STRANGER, Subnets=[one["SubnetId"] for one in subnets[:2]])
        elb.create_target_group(Name=STRANGER, Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"])
        moto_api.client("acm").request_certificate(DomainName="one.example.com")
        yield tmp_path_factory.mktemp("balanced")


def parts():
    """What there is of a load balancer of ours, by kind; the stranger's is all there."""
    found = moto_api.front()
    names = {BALANCER: "LoadBalancerName", GROUP: "TargetGroupName"}
    for kind, name in names.items():
        assert [one[name] for one in found[kind]].count(STRANGER) == 1
        found[kind] = [one for one in found[kind] if one[name] != STRANGER]
    acm, certificates = moto_api.client("acm"), found[CERTIFICATE]
    tags = [
        acm.list_tags_for_certificate(CertificateArn=one["CertificateArn"])["Tags"]
        for one in certificates
    ]
    assert tags.count([]) == 1
    found[CERTIFICATE] = [one for one, tag in zip(certificates, tags, strict=True) if tag]
    return found


def ingress(group):
    """Who reaches which port of a security group, as AWS lists it."""
    found = moto_api.client().describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return {
        (one["FromPort"], one["ToPort"], source)
        for one in found["IpPermissions"]
        for source in (
            *(each["CidrIp"] for each in one["IpRanges"]),
            *(each["GroupId"] for each in one["UserIdGroupPairs"]),
        )
    }


@given(stacks, settings, st.lists(st.integers(1, 12), max_size=1))
def test_there_is_one_exactly_when_the_spec_asks(folder, stack, wanted, deaths):
    controller = moto_api.Controller(folder, stack=stack, settings=wanted)
    for calls in deaths:
        with suppress(moto_api.Crash), moto_api.crash_after(calls):
            controller.provision()
    spec = controller.restarted().provision()
    ids = {one.key: one.id for one in spec.resources}
    hosts = {one.instance_id for one in spec.hosts}
    assert len(hosts) == wanted.hosts
    found = parts()
    if is_asked(stack, wanted):
        stands(found, ids, hosts, stack, wanted)
        (balancer,) = found[BALANCER]
        assert spec.load_balancer == balancer["DNSName"]
        secure = f"https://{wanted.domain}/"
        assert spec.url == (secure if wanted.domain else f"http://{balancer['DNSName']}/")
    else:
        assert not any(found.values())
        ports = {80, 443} if wanted.domain and wanted.hosts == 1 else {80}
        ports = ports if serves(stack) else set()
        assert ingress(ids["security-group-app"]) == {(one, one, WORLD) for one in ports}
        assert spec.load_balancer is None
        assert spec.url == (f"http://{spec.hosts[0].address}/" if serves(stack) else None)
    assert not controller.plan().changes
    moto_api.forget_deleted()


def stands(found, ids, hosts, stack, wanted):
    """One stands before exactly these hosts, and nothing else reaches them."""
    (balancer,), (group,), (targets,) = found[BALANCER], found[GROUP], found[TARGETS]
    assert balancer["Scheme"] == "internet-facing"
    zones = balancer["AvailabilityZones"]
    assert len({one["ZoneName"] for one in zones}) == len(zones) == 2
    public = {ids["subnet-public-a"], ids["subnet-public-b"]}
    assert {one["SubnetId"] for one in zones} == public
    assert {one["Target"]["Id"] for one in targets["targets"]} == hosts
    path = stack.health_path or "/"
    healthy = "200-499" if path == "/" else "200-399"
    assert (group["HealthCheckPath"], group["Matcher"]["HttpCode"]) == (path, healthy)
    ports = {80, 443} if wanted.domain else {80}
    of = balancer["SecurityGroups"]
    assert {rule for one in of for rule in ingress(one)} == {(one, one, WORLD) for one in ports}
    (rule,) = ingress(ids["security-group-app"])
    assert rule[:2] == (80, 80)
    assert rule[2] in of
    listeners = {one["Port"]: one for one in found[LISTENER]}
    assert listeners.keys() == ports
    serving = listeners[max(ports)]
    assert serving["DefaultActions"][0]["TargetGroupArn"] == group["TargetGroupArn"]
    certificates = [one["CertificateArn"] for one in found[CERTIFICATE]]
    assert [one["DomainName"] for one in found[CERTIFICATE]] == [*filter(None, [wanted.domain])]
    if wanted.domain:
        assert [one["CertificateArn"] for one in serving["Certificates"]] == certificates
        assert listeners[80]["DefaultActions"][0]["RedirectConfig"]["Port"] == "443"
