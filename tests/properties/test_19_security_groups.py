"""Security groups: no rule wider than the spec asks, whoever opened what meanwhile."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
from autodeploy.aws import controller_address
from autodeploy.contracts import TechStack
from autodeploy.provisioner import admitted
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.kinds import SecurityGroup
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

WORLD = "0.0.0.0/0"


@pytest.fixture(scope="module")
def controller(tmp_path_factory):
    with moto_api.api():
        made = moto_api.Controller(tmp_path_factory.mktemp("groups"))
        ids = {one.key: one.id for one in made.provision().resources}
        made.group = ids["security-group-app"]
        yield made


@st.composite
def permissions(draw):
    protocol = draw(st.sampled_from(["tcp", "udp", "-1"]))
    ports = sorted(draw(st.tuples(*[st.sampled_from([0, 22, 80, 443, 5432, 65535])] * 2)))
    network = draw(st.ip_addresses(v=4))
    v4 = draw(st.sampled_from([WORLD, f"{network}/32"]))
    sources = draw(
        st.sampled_from([{"IpRanges": [{"CidrIp": v4}]}, {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}])
    )
    span = {} if protocol == "-1" else {"FromPort": ports[0], "ToPort": ports[1]}
    return {"IpProtocol": protocol, **span, **sources}


def ingress(ec2, group):
    """Every rule, as AWS lists them."""
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    return sorted(
        (one["IpProtocol"], one.get("FromPort"), one.get("ToPort"), source)
        for one in found
        for source in (
            *(each["CidrIp"] for each in one.get("IpRanges", ())),
            *(each["CidrIpv6"] for each in one.get("Ipv6Ranges", ())),
            *(each["GroupId"] for each in one.get("UserIdGroupPairs", ())),
        )
    )


@given(st.lists(permissions(), max_size=3), st.booleans())
def test_the_group_lets_in_what_the_spec_asks_and_nothing_else(controller, opened, emptied):
    ec2 = moto_api.client()
    group = controller.group
    if emptied:
        here = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=here["IpPermissions"])
    for permission in opened:
        try:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        except ec2.exceptions.ClientError as error:  # two of them may be the same
            if error.response["Error"]["Code"] != "InvalidPermission.Duplicate":
                raise
    spec = controller.provision()
    asked = {("tcp", port, port, WORLD) for port in spec.ingress_ports}
    assert ingress(ec2, group) == sorted(asked)


NAMES = st.sampled_from(["web", "worker", "clock"])


@given(
    st.sampled_from(["python", "node", "go", None]),
    st.dictionaries(NAMES, st.just("run")),
    st.sampled_from([None, "dist"]),
    st.one_of(st.none(), st.integers(1024, 65535)),
    st.sampled_from([None, "shop.example.com"]),
)
def test_only_what_clients_reach_is_open_to_the_world(language, processes, output, tcp, domain):
    around = Surroundings("10.0.0.0/16", ("a", "b"), None)
    protocol = {"protocol": "tcp", "port": tcp} if tcp else {}
    stack = TechStack(language=language, processes=processes, output=output)
    ports = {tcp} if tcp else {80, 443} if domain else {80}
    if not ("web" in processes or output):
        ports = set()
    for group in desired(stack, Settings(domain=domain, **protocol), around):
        if isinstance(group, SecurityGroup):
            rules = {(one.protocol, one.first, one.last, one.source) for one in group.ingress}
            assert rules == {("tcp", port, port, WORLD) for port in ports}


@pytest.mark.parametrize("fails", [True, False])
def test_ssh_is_open_to_this_machine_while_somebody_works(controller, fails):
    spec = controller.provision()
    before = ingress(moto_api.client(), controller.group)
    here = f"{controller_address(controller.cloud)}/32"
    let_in = admitted(controller.cloud, spec.resources, controller.keys, lambda _: None)
    with suppress(ZeroDivisionError), let_in:
        during = ingress(moto_api.client(), controller.group)
        assert during == sorted({*before, ("tcp", 22, 22, here)})
        assert 1 / (not fails)
    assert ingress(moto_api.client(), controller.group) == before
