"""Hosts are hardened once, and again where that was left out."""

from __future__ import annotations

import pytest

from autodeploy.conductor.securing import securing
from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.settings import Settings

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
WHERE = {"application": "shop", "environment": "production", "target": "lab", "ssh_key": None}
SPEC = InfrastructureSpec(**WHERE, image="debian-12", hosts=(HOST,))
FACTS = {"shop-production-host-1": {"firewall_report": {"verified": ["shut"]}}}


@pytest.fixture
def secured(journal):
    """Hosts that are let be in a deployment with these settings, one after another."""

    def go(*, harden):
        log = journal.agent("deployer")
        one = securing(SPEC, Settings(harden=harden), journal.state.secured, log)
        one.note(FACTS)
        return set(one.secured)

    return go


def test_a_host_is_hardened_once(secured, journal):
    assert secured(harden=True) == set()
    assert secured(harden=True) == {"host-1"}
    (report,) = journal.state.secured["host-1"].reports
    assert report.verified == ("shut",)


def test_what_was_left_out_is_done_later_and_stays_done(secured, journal):
    assert secured(harden=False) == {"host-1"}
    assert journal.state.secured["host-1"].reports
    assert secured(harden=True) == set()
    assert secured(harden=False) == {"host-1"}
    assert secured(harden=True) == {"host-1"}
