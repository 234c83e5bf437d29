"""What was reviewed is not asked again, and what is left out is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from autodeploy.contracts import Finding, Host, InfrastructureSpec, SecurityConfig, TopicReport
from autodeploy.journal.events import LogLine
from autodeploy.settings import Acme
from autodeploy.sheriff import agent
from statekit import running

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
SPEC = InfrastructureSpec(
    application="shop",
    environment="production",
    target="ssh",
    image="debian-12",
    hosts=(HOST,),
    ssh_key=None,
)
RUNNING = running()
KNOWN = SecurityConfig(
    hardened=True,
    reports=(TopicReport(topic="firewall", verified=("all",)),),
    fingerprint=agent.fingerprint(SPEC, Acme()),
)
FOUND = Finding(id="a", severity="low", resource="b", message="c")
BAD = KNOWN.model_copy(update={"reports": (TopicReport(topic="firewall", findings=(FOUND,)),)})


TOLD = TopicReport(host="host-1", topic="firewall", verified=("shut",))


@pytest.fixture
def secure(journal, tmp_path):
    log = journal.agent("sheriff")

    def go(spec, known, *told, hardened=True):
        return agent.secure(
            *(spec, RUNNING, told, None, known, Acme(), tmp_path, log),
            hardened=hardened,
            had_tls=False,
        )

    return go


def test_what_was_reviewed_is_not_asked_again_and_stays_in_the_state(secure, journal):
    look = TopicReport(topic="tls", verified=("all",))
    security = secure(SPEC, KNOWN.model_copy(update={"reports": (look,)}), TOLD)
    assert security.verified == ("host-1 firewall: shut", "tls: all")
    assert journal.state.security == security


def test_what_stands_before_the_hosts_is_looked_at_each_time(secure):
    """Somebody may have opened a group since, or put a host into another one."""
    look = TopicReport(topic="network", verified=("all",))
    security = secure(SPEC, KNOWN.model_copy(update={"reports": (look,)}), TOLD)
    assert security.verified == ("host-1 firewall: shut",)
    assert any(one.startswith("network: security groups") for one in security.not_verified)


@pytest.mark.parametrize(
    ("spec", "known"),
    [
        (SPEC, None),
        (SPEC.model_copy(update={"image": "debian-13"}), KNOWN),
        (SPEC.model_copy(update={"hosts": (HOST, HOST)}), KNOWN),
        (SPEC.model_copy(update={"ingress_ports": (80, 443)}), KNOWN),
        (SPEC, KNOWN.model_copy(update={"fingerprint": ""})),
        (SPEC, BAD),
    ],
)
def test_anything_else_is_reviewed_anew(secure, spec, known):
    topics = [one.topic for one in secure(spec, known, TOLD).reports]
    assert "network" in topics
    assert "all" not in secure(spec, known, TOLD).verified


@pytest.mark.parametrize(
    ("domain", "later", "same"),
    [
        (None, 999, True),
        ("shop.example", 0, True),
        ("shop.example", 23, True),
        ("shop.example", 24, False),
    ],
)
def test_a_certificate_is_looked_at_anew_each_day(monkeypatch, domain, later, same):
    spec = SPEC.model_copy(update={"domain": domain, "ingress_ports": (80, 443)})
    seen = []
    for hours in (0, later):
        at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hours)
        monkeypatch.setattr(agent, "datetime", SimpleNamespace(now=lambda _zone, at=at: at))
        seen.append(agent.fingerprint(spec, Acme()))
    assert (seen[0] == seen[1]) is same


def test_what_a_host_did_not_tell_is_not_verified(secure):
    security = secure(SPEC, None, TOLD)
    assert security.verified == ("host-1 firewall: shut",)
    assert any(one.startswith("host-1 hardening: everything") for one in security.not_verified)


def test_what_a_host_that_is_gone_has_told_is_no_more(secure):
    gone = TopicReport(host="host-2", topic="firewall", verified=("shut",), findings=(FOUND,))
    security = secure(SPEC, None, TOLD, gone)
    assert security.verified == ("host-1 firewall: shut",)
    assert security.findings == ()


def test_a_finding_is_warned_of(secure, journal, store):
    secure(SPEC, None, TOLD.model_copy(update={"findings": (FOUND,)}))
    history = store.history(journal.state.id)
    assert any(isinstance(one, LogLine) and one.message == "low: host-1 b: c" for one in history)


def test_what_is_left_out_is_said_and_what_was_done_before_stays(secure, journal):
    security = secure(SPEC, None, TOLD, hardened=False)
    assert (security.hardened, security.verified) == (False, ("host-1 firewall: shut",))
    assert "host-1 hardening: everything: --no-harden" in security.not_verified
    assert journal.state.security == security
    hard = TopicReport(host="host-1", topic="hardening", verified=("strict",))
    assert "host-1 hardening: strict" in secure(SPEC, None, TOLD, hard, hardened=False).verified
