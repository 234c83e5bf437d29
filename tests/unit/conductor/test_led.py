"""Where a domain leads while hosts and names change, whatever fails on the way."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

import pytest

import moto_api
import storykit
from autodeploy import conductor
from autodeploy.conductor import names
from autodeploy.contracts import DeploymentStatus

pytestmark = pytest.mark.slow
OLD, NEW = "old.example.org", "new.example.org"


class Led:
    """An application whose zone the account keeps."""

    def __init__(self, world):
        self.world = world
        self.route53 = moto_api.client("route53")
        made = self.route53.create_hosted_zone(Name="example.org", CallerReference="one")
        self.zone = made["HostedZone"]["Id"]

    @property
    def names(self):
        """The address by each name that leads anywhere."""
        answer = self.route53.list_resource_record_sets(HostedZoneId=self.zone)
        there = [one for one in answer["ResourceRecordSets"] if one["Type"] == "A"]
        return {one["Name"].rstrip("."): one["ResourceRecords"][0]["Value"] for one in there}

    def deploy(self, *breaks, **flags):
        self.world.breaks = set(breaks)
        return self.world.deploy(**flags)

    def replace(self, *breaks):
        """Another host in the place of the only one."""
        self.world.breaks = set(breaks)
        known = self.world.known
        replaces = (known.hosts[0].instance_id,)
        make = partial(conductor.live_again, profile=None, replaces=replaces)
        return conductor.release_anew(make, known, self.world.environment)


@pytest.fixture
def led(tmp_path, monkeypatch):
    monkeypatch.setattr(names.time, "sleep", lambda _seconds: None)
    with storykit.world(tmp_path) as world:
        yield Led(world)


def address(state):
    return state.hosts[0].address


def test_it_leads_to_the_host_while_the_first_release_is_made(led):
    failed = led.deploy("deployer", domain=OLD)
    assert led.names == {OLD: address(failed)}
    led.world.destroy()
    assert led.names == {}


@pytest.mark.parametrize("agent", ["compiler", "deployer"])
def test_visitors_stay_on_the_host_that_serves_until_another_does(led, agent):
    first = led.deploy(domain=OLD)
    failed = led.replace(agent)
    assert failed.status is DeploymentStatus.FAILED
    assert led.names == {OLD: address(first)}
    led.world.breaks = set()
    state = led.world.retry()
    assert state.status is DeploymentStatus.COMPLETED
    assert address(state) != address(first)
    assert led.names == {OLD: address(state)}


def test_a_host_is_certified_only_once_the_domain_leads_to_it(led):
    led.deploy(domain=OLD)
    failed = led.replace("sheriff")
    assert failed.status is DeploymentStatus.FAILED
    assert led.names == {OLD: address(failed)}


@pytest.mark.parametrize("domain", [NEW, ""])
@pytest.mark.parametrize("agent", ["compiler", "deployer", "sheriff"])
def test_the_name_of_what_is_live_stays_until_something_else_is(led, domain, agent):
    first = led.deploy(domain=OLD)
    led.world.commit("two")
    led.deploy(agent, domain=domain)
    assert led.names[OLD] == address(first)
    led.world.breaks = set()
    assert led.world.retry().status is DeploymentStatus.COMPLETED
    assert led.names == ({NEW: address(first)} if domain else {})


@pytest.mark.parametrize(("domain", "times"), [("", 1), (NEW, 0)])
def test_visitors_are_led_to_no_port_that_is_shut_though_the_build_fails(led, domain, times):
    """Hosts lead nobody to HTTPS once they are prepared without a domain."""
    led.deploy(domain=OLD)
    prepared = []

    @contextmanager
    def rollout(*given):
        with led.world.rollout(*given) as one:
            one.prepared = lambda: prepared.append(one)
            yield one

    with patch("autodeploy.conductor.releasing.deployer.rollout", rollout):
        failed = led.deploy("compiler", domain=domain)
    assert failed.error.agent == "compiler"
    assert len(prepared) == times


@pytest.mark.parametrize("end", ["deploy", "destroy"])
def test_no_name_is_left_that_leads_to_what_another_customer_may_have(led, end):
    led.deploy(domain=OLD)
    led.deploy("sheriff", domain=NEW)
    assert set(led.names) == {OLD, NEW}
    if end == "destroy":
        led.world.destroy()
        assert led.names == {}
    else:
        led.deploy(domain="third.example.org")
        assert set(led.names) == {"third.example.org"}
