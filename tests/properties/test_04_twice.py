"""Provisioning twice makes the same resources, and no more, whatever the first time died of."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
from autodeploy.contracts import TechStack
from autodeploy.provisioner import sizing
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

COUNTS = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 1,
    "AWS::EC2::KeyPair": 1,
    "AWS::EC2::Instance": 1,
    "AWS::RDS::DBSubnetGroup": 0,
    "AWS::SecretsManager::Secret": 0,
    "AWS::RDS::DBInstance": 0,
}
stacks = st.builds(
    TechStack,
    language=st.sampled_from(["python", "node", "go", "java", "static", None]),
    processes=st.dictionaries(st.sampled_from(["web", "worker", "clock"]), st.just("run")),
)
settings = st.builds(
    Settings,
    target=st.just("lab"),
    image=st.sampled_from(["debian-12", "debian-13"]),
    instance_type=st.sampled_from([None, *(name for name, _ in sizing.LADDERS["amd64"])]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with moto_api.api():
        made = tmp_path_factory.mktemp("twice")
        moto_api.Controller(made).provision()
        yield made


@given(stacks, settings, st.integers(0, 4), st.lists(st.integers(1, 4), max_size=1))
def test_the_second_time_makes_nothing(folder, stack, wanted, deleted, deaths):
    controller = moto_api.Controller(folder, stack=stack, settings=wanted)
    if deleted:
        with pytest.raises(moto_api.Crash), moto_api.crash_after(deleted):
            controller.destroy()
    for calls in deaths:
        with suppress(moto_api.Crash), moto_api.crash_after(calls):
            controller.provision()
    first = controller.provision()
    controller.cloud.calls.clear()
    assert controller.provision() == first
    assert moto_api.writes(controller.cloud) == []
    there = moto_api.everything()
    assert moto_api.counts() == COUNTS
    assert all(one.id in str(there[one.type]) for one in first.resources)
    moto_api.forget_deleted(there)
