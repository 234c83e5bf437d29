"""Whatever is asked for next, and whatever somebody did by hand: what there is is what was asked.

One account lives through all examples, so each begins with what the one before has left.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
from autodeploy.contracts import Action, TechStack
from autodeploy.provisioner.naming import number_of
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

STACK = TechStack(language="python", processes={"web": "run"})
DETECTED = "t3.small"
NETWORK = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 1,
    "AWS::EC2::KeyPair": 1,
}


def stop(ec2, host):
    ec2.stop_instances(InstanceIds=[host["InstanceId"]])


def terminate(ec2, host):
    ec2.terminate_instances(InstanceIds=[host["InstanceId"]])


def regroup(ec2, host):
    default = {"vpc-id": host["VpcId"], "group-name": "default"}
    filters = [{"Name": name, "Values": [value]} for name, value in default.items()]
    (found,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    ec2.modify_instance_attribute(InstanceId=host["InstanceId"], Groups=[found["GroupId"]])


def allow_imdsv1(ec2, host):
    ec2.modify_instance_metadata_options(InstanceId=host["InstanceId"], HttpTokens="optional")


settings = st.builds(
    Settings,
    target=st.just("lab"),
    load_balancer=st.just(False),
    hosts=st.integers(1, 4),
    image=st.sampled_from(["debian-12", "debian-13"]),
    instance_type=st.sampled_from([None, "t3.micro", "t3.large"]),
)
damages = st.dictionaries(
    st.sampled_from([f"host-{number}" for number in range(1, 5)]),
    st.sampled_from([stop, terminate, regroup, allow_imdsv1]),
    max_size=2,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with moto_api.api():
        yield tmp_path_factory.mktemp("changes")


def hosts():
    """The instances that run or are stopped, by logical name."""
    found = {}
    for record in moto_api.of("AWS::EC2::Instance"):
        tags = {tag["Key"]: tag["Value"] for tag in record["Tags"]}
        found[tags["autodeploy:resource"]] = record
    return found


def expected_type(before, wanted):
    """A type that nobody names is the host's own for as long as the host is the same one."""
    kept = before and before["ImageId"] == moto_api.IMAGES[wanted.image.removeprefix("debian-")]
    return wanted.instance_type or (before["InstanceType"] if kept else DETECTED)


@given(st.lists(st.tuples(settings, damages), min_size=1, max_size=2))
def test_what_there_is_is_what_was_asked_for(folder, steps):
    controller = moto_api.Controller(folder, stack=STACK)
    for wanted, damage in steps:
        for key, host in hosts().items():
            if key in damage:
                damage[key](moto_api.client(), host)
        before = hosts()
        controller.settings = wanted
        planned = {one.key: one.action for one in controller.plan().actions}
        spec = controller.provision()
        check(wanted, before, spec)
        after = hosts()
        for key, host in before.items():
            same = key in after and after[key]["InstanceId"] == host["InstanceId"]
            assert same == (planned[key] in {Action.NONE, Action.UPDATE})
        assert {path.stem for path in (controller.keys / "hosts").glob("*.key")} == set(after)
        moto_api.forget_deleted()
    assert not controller.plan().changes


def check(wanted, before, spec):
    there = moto_api.everything()
    after = hosts()
    names = [one.name for one in spec.hosts]
    assert names == sorted(set(names), key=number_of)
    assert len(names) == wanted.hosts
    # Who stands, stays: nobody has to move because another has gone.
    stays = sorted(before, key=number_of)[: wanted.hosts]
    assert set(stays) <= set(names)
    assert set(after) == set(names)
    assert {kind: len(there[kind]) for kind in NETWORK} == NETWORK
    assert {one.id for one in spec.resources} <= set(ids(there))
    zones = set()
    for host in spec.hosts:
        record = after[host.name]
        assert record["State"]["Name"] == "running"
        assert record["InstanceType"] == expected_type(before.get(host.name), wanted)
        assert record["ImageId"] == moto_api.IMAGES[wanted.image.removeprefix("debian-")]
        assert record["PublicIpAddress"] == host.address
        assert record["MetadataOptions"]["HttpTokens"] == "required"
        (group,) = record["SecurityGroups"]
        assert group["GroupId"] == there["AWS::EC2::SecurityGroup"][0]["GroupId"]
        zones.add((number_of(host.name) % 2, record["Placement"]["AvailabilityZone"]))
    assert len(zones) == len({zone for _, zone in zones})
    if len(stays) < wanted.hosts:
        assert len(zones) == min(wanted.hosts, 2)


def ids(there):
    """Every identifier that the account knows."""
    for records in there.values():
        for one in records:
            yield from (value for name, value in one.items() if name.endswith("Id"))
