"""A host's record in Route 53 comes with its domain and goes with it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy import provisioner
from autodeploy.conductor import names
from autodeploy.contracts import Host, InfrastructureSpec

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
FORMER = HOST.model_copy(update={"address": "192.0.2.2"})
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
LOG = SimpleNamespace(info=lambda _said: None)


def known(domain):
    run = SimpleNamespace(settings={"domain": domain} if domain else {})
    return SimpleNamespace(change=run, live=None, hosts=(FORMER,), occupied=())


@pytest.fixture
def asked(monkeypatch):
    calls = []
    monkeypatch.setattr(provisioner, "lead", lambda _c, *said: calls.append(("lead", *said[:3])))
    forget = lambda _c, *said: calls.append(("forget", *said))  # noqa: E731
    monkeypatch.setattr(provisioner, "forget_address", forget)
    return calls


@pytest.mark.parametrize(
    ("spec", "before", "expected"),
    [
        (PLAIN, None, []),
        (BALANCED, None, []),
        (SPEC, None, [("lead", "b.example", "192.0.2.1", {"192.0.2.1", "192.0.2.2"})]),
        (PLAIN, "a.example", [("forget", "a.example", {"192.0.2.2"})]),
        (
            SPEC,
            "a.example",
            [
                ("forget", "a.example", {"192.0.2.2"}),
                ("lead", "b.example", "192.0.2.1", {"192.0.2.1", "192.0.2.2"}),
            ],
        ),
    ],
)
def test_a_record_comes_with_the_domain_and_goes_with_it(asked, spec, before, expected):
    names.lead(object(), spec, known(before), LOG)
    assert asked == expected


def test_hosts_that_exist_have_dns_of_their_own(asked):
    names.lead(None, SPEC, known("a.example"), LOG)
    assert asked == []


def test_removal_takes_the_record_too(asked):
    names.forget(object(), known("a.example"))
    names.forget(object(), known(None))
    names.forget(object(), None)
    assert asked == [("forget", "a.example", {"192.0.2.2"})]
