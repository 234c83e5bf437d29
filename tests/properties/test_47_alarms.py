"""There are alarms for exactly what there is, whatever was there before and whatever broke."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
from autodeploy.contracts import TechStack
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

OF_BALANCERS = {
    *("alarm-application-errors", "alarm-balancer-errors", "alarm-latency"),
    "alarm-unhealthy-hosts",
}
OF_DATABASES = {"alarm-database-storage", "alarm-database-cpu"}
ADDRESSES = ("ops@example.com", "boss@example.com", "night@example.com")

stacks = st.builds(
    TechStack,
    language=st.just("python"),
    processes=st.sampled_from([{"web": "run"}, {"worker": "run"}]),
    databases=st.sampled_from([(), ("postgresql",)]),
)
settings = st.builds(
    Settings,
    target=st.just("lab"),
    hosts=st.integers(1, 3),
    load_balancer=st.sampled_from([None, True, False]),
    alarms=st.lists(st.sampled_from(ADDRESSES), unique=True, max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with moto_api.api():
        yield tmp_path_factory.mktemp("alarms")


def named(ids, key):
    """What CloudWatch calls a resource."""
    return {
        "load-balancer": lambda arn: arn.split(":loadbalancer/")[1],
        "target-group": lambda arn: arn.split(":")[-1],
    }.get(key, str)(ids[key])


def wanted_of(spec, wanted):
    """The requirement: which alarm looks at what."""
    ids = {one.key: one.id for one in spec.resources}
    if not wanted.alarms:
        return {}
    found = {f"alarm-host-{one}": {ids[f"host-{one}"]} for one in range(1, wanted.hosts + 1)}
    if "load-balancer" in ids:
        balancer, group = (named(ids, one) for one in ("load-balancer", "target-group"))
        found |= {name: {balancer} for name in OF_BALANCERS}
        found["alarm-unhealthy-hosts"] = {balancer, group}
    if "database" in ids:
        found |= {name: {ids["database"]} for name in OF_DATABASES}
    return found


@given(stacks, settings, st.lists(st.integers(1, 50), max_size=1))
def test_there_are_alarms_for_exactly_what_there_is(folder, stack, wanted, deaths):
    controller = moto_api.Controller(folder, stack=stack, settings=wanted)
    for calls in deaths:
        with suppress(moto_api.Crash), moto_api.crash_after(calls):
            controller.provision(yes_data=True)
    spec = controller.restarted().provision(yes_data=True)
    alarms = moto_api.of("AWS::CloudWatch::Alarm")
    looks = {
        one["AlarmName"].split("/")[-1]: {each["Value"] for each in one["Dimensions"]}
        for one in alarms
    }
    assert looks == wanted_of(spec, wanted)
    topics = [one.id for one in spec.resources if one.key == "alarm-topic"]
    assert all(one["AlarmActions"] == one["OKActions"] == topics for one in alarms)
    assert [one["TopicArn"] for one in moto_api.client("sns").list_topics()["Topics"]] == topics
    subscribed = {one["Endpoint"] for one in moto_api.of("AWS::SNS::Subscription")}
    # Nobody confirms here, and what is pending ends by itself; without a topic there is none.
    assert subscribed >= set(wanted.alarms)
    assert not subscribed or topics
    assert not controller.plan().changes
    moto_api.forget_deleted()
