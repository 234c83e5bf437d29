"""A host's record in Route 53 comes with its domain, when that may lead there, and goes with it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy import provisioner
from autodeploy.conductor import names
from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.errors import CloudError
from autodeploy.provisioner import Owner

HOST = Host(name="host-1", address="192.0.2.1", instance_id="i-1", host_key="ssh-ed25519 AAAA")
FORMER = HOST.model_copy(update={"address": "192.0.2.2"})
ANOTHER = HOST.model_copy(update={"instance_id": "i-2"})
PLAIN = InfrastructureSpec(
    application="shop",
    environment="production",
    target="lab",
    image="debian-12",
    hosts=(HOST,),
    ssh_key=None,
)
SPEC = PLAIN.model_copy(update={"domain": "b.example", "ingress_ports": (80, 443)})
BALANCED = SPEC.model_copy(update={"ingress_ports": (80,), "load_balancer": "lb.example"})
OWNER = Owner(application="shop", environment="production", deployment="d")
OURS = {"192.0.2.1", "192.0.2.2"}
CLOUD = SimpleNamespace(pace=0.5)


def known(*domains, live=HOST):
    running = SimpleNamespace(hosts=(live,)) if live else None
    return SimpleNamespace(live=running, domains=domains, hosts=(FORMER,), occupied=())


class Heard:
    def __init__(self):
        self.said, self.warned = [], []
        self.info, self.warning = self.said.append, self.warned.append


@pytest.fixture
def asked(monkeypatch):
    """What Route 53 was asked, and how long was waited; every record has led elsewhere."""
    calls = []

    def lead(_cloud, *said):
        calls.append(("lead", *said[:4]))
        return True

    monkeypatch.setattr(provisioner, "lead", lead)
    forget = lambda _c, *said: calls.append(("forget", *said))  # noqa: E731
    monkeypatch.setattr(provisioner, "forget_address", forget)
    monkeypatch.setattr(names.time, "sleep", lambda seconds: calls.append(("wait", seconds)))
    return calls


@pytest.mark.parametrize(
    ("spec", "before", "expected"),
    [
        (SPEC, None, True),
        (SPEC, known(), True),
        (SPEC, known("a.example"), True),
        (SPEC, known("b.example"), True),
        # Its address became another, or its load balancer goes.
        (SPEC, known("b.example", live=FORMER), True),
        (SPEC, known("b.example", live=None), True),
        # Nobody is led away from what serves.
        (SPEC, known("b.example", live=ANOTHER), False),
        (SPEC, known("a.example", "b.example", live=ANOTHER), False),
    ],
)
def test_visitors_are_led_to_another_host_once_that_has_the_release(spec, before, expected):
    assert names.is_early(spec, before) is expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (PLAIN, []),
        (BALANCED, []),
        (SPEC, [("lead", "b.example", "192.0.2.1", OURS, OWNER.short_name)]),
    ],
)
def test_a_host_alone_has_its_domains_record(asked, spec, expected):
    names.lead(CLOUD, spec, known("a.example"), OWNER, Heard())
    assert asked == expected


def test_nobody_is_waited_for_but_who_remembers_another_address(asked, monkeypatch):
    names.follow(CLOUD, SPEC, known("b.example"), OWNER, Heard())
    assert [one[0] for one in asked] == ["lead", "wait"]
    assert asked[1] == ("wait", provisioner.ADDRESS_TTL / 2)
    monkeypatch.setattr(provisioner, "lead", lambda *_said: False)
    names.follow(CLOUD, SPEC, known("b.example"), OWNER, Heard())
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("spec", "before", "expected"),
    [
        (PLAIN, known("a.example"), ["a.example"]),
        (SPEC, known("a.example", "b.example", "c.example"), ["a.example", "c.example"]),
        (SPEC, known("b.example"), []),
        (BALANCED, known("b.example"), []),
        (SPEC, None, []),
    ],
)
def test_every_domain_that_is_given_up_is_forgotten(asked, spec, before, expected):
    assert names.given_up(spec.domain, before) == expected
    names.forget_former(CLOUD, spec, before, Heard())
    assert asked == [("forget", one, {"192.0.2.2"}) for one in expected]


def test_that_route_53_refuses_is_told_and_fails_no_deployment(monkeypatch):
    def refused(*_said):
        raise CloudError("Route 53 is busy", action="x", remediation="y")

    monkeypatch.setattr(provisioner, "lead", refused)
    monkeypatch.setattr(provisioner, "forget_address", refused)
    log = Heard()
    assert names.lead(CLOUD, SPEC, known(), OWNER, log) is False
    names.forget_former(CLOUD, SPEC, known("a.example"), log)
    assert log.warned == [
        "make the DNS record b.example A 192.0.2.1: Route 53 is busy",
        "remove the DNS record of a.example: Route 53 is busy",
    ]


def test_removal_takes_every_record(asked):
    names.forget(CLOUD, known("a.example", "b.example"))
    names.forget(CLOUD, known())
    names.forget(CLOUD, None)
    assert asked == [("forget", one, {"192.0.2.2"}) for one in ("a.example", "b.example")]
