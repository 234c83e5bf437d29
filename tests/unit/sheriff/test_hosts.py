"""Which hosts are hardened already, and what is kept of what their roles told."""

from __future__ import annotations

import pytest

from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.sheriff import hosts

ONE = Host(name="host-1", address="192.0.2.1", instance_id="i-1", host_key="ssh-ed25519 AAAA")
TWO = ONE.model_copy(update={"name": "host-2", "instance_id": "i-2"})
WHERE = {"application": "shop", "environment": "production", "target": "lab", "ssh_key": None}
SPEC = InfrastructureSpec(**WHERE, image="debian-12", hosts=(ONE, TWO))
VARIABLES = {"hardening_aide": True}
FACTS = {
    f"shop-production-{name}": {"hardening_report": {"verified": [f"{name} is hard"]}}
    for name in ("host-1", "host-2")
}
KNOWN = hosts.told(SPEC, VARIABLES, {}, FACTS)


def test_what_is_as_it_was_is_let_be():
    assert hosts.secured(SPEC, VARIABLES, KNOWN) == {"host-1", "host-2"}
    assert hosts.secured(SPEC, VARIABLES, {}) == set()


@pytest.mark.parametrize(
    ("spec", "variables", "expected"),
    [
        (SPEC, {"hardening_aide": False}, set()),
        (SPEC.model_copy(update={"image": "debian-13"}), VARIABLES, set()),
        (
            SPEC.model_copy(update={"hosts": (ONE.model_copy(update={"instance_id": "i-9"}), TWO)}),
            VARIABLES,
            {"host-2"},
        ),
        (
            SPEC.model_copy(
                update={"hosts": (ONE, TWO, ONE.model_copy(update={"name": "host-3"}))}
            ),
            VARIABLES,
            {"host-1", "host-2"},
        ),
    ],
)
def test_another_variable_image_or_host_is_hardened_anew(spec, variables, expected):
    assert hosts.secured(spec, variables, KNOWN) == expected


def test_another_version_of_the_role_hardens_anew(monkeypatch):
    monkeypatch.setattr(hosts, "roles_digest", lambda *names: f"newer {names}")
    assert hosts.secured(SPEC, VARIABLES, KNOWN) == set()


def test_what_a_host_told_is_kept_until_it_tells_more():
    again = hosts.told(SPEC, VARIABLES, KNOWN, {})
    assert again == KNOWN
    changed = {"firewall_report": {"changed": ["allow 80"]}}
    first = hosts.told(SPEC, VARIABLES, {}, {"shop-production-host-1": changed})
    assert first["host-1"].reports[0].changed == ("allow 80",)
    assert hosts.told(SPEC, VARIABLES, first, {})["host-1"].reports[0].changed == ()
    firewall = {"firewall_report": {"verified": ["shut"]}}
    more = hosts.told(SPEC, VARIABLES, KNOWN, {"shop-production-host-1": firewall})
    assert [one.topic for one in more["host-1"].reports] == ["hardening", "firewall"]
    assert more["host-2"] == KNOWN["host-2"]


@pytest.mark.parametrize(
    "another",
    [
        {"instance_id": "i-9"},
        {"host_key": "ssh-ed25519 BBBB"},
        {"instance_id": None, "address": "192.0.2.9"},
    ],
)
def test_another_host_of_that_name_has_told_nothing(another):
    spec = SPEC.model_copy(update={"hosts": (ONE.model_copy(update=another), TWO)})
    told = hosts.told(spec, VARIABLES, KNOWN, {})
    assert told["host-1"].reports == ()
    assert told["host-2"] == KNOWN["host-2"]


def test_an_instance_with_another_address_is_the_same():
    moved = SPEC.model_copy(update={"hosts": (ONE.model_copy(update={"address": "192.0.2.9"}),)})
    assert hosts.told(moved, VARIABLES, KNOWN, {})["host-1"] == KNOWN["host-1"]
    assert hosts.secured(moved, VARIABLES, KNOWN) == {"host-1"}
