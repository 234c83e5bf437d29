"""What is secured already is not secured again, and what is left out is said."""

from __future__ import annotations

import pytest

from autodeploy.contracts import Finding, Host, InfrastructureSpec, SecurityConfig, TopicReport
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
    fingerprint=agent.fingerprint(SPEC),
)
FOUND = Finding(id="a", severity="low", resource="b", message="c")
BAD = KNOWN.model_copy(update={"reports": (TopicReport(topic="firewall", findings=(FOUND,)),)})


class Played(Exception):
    """A playbook was run."""


@pytest.fixture
def secure(monkeypatch, tmp_path, journal):
    def played(*_arguments):
        raise Played

    monkeypatch.setattr(agent, "run", played)
    log = journal.agent("sheriff")
    return lambda spec, known: agent.secure(spec, RUNNING, None, known, tmp_path, log)


def test_what_was_secured_is_let_be_and_stays_in_the_state(secure, journal):
    assert secure(SPEC, KNOWN) == KNOWN
    assert journal.state.security == KNOWN


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
def test_anything_else_is_secured_anew(secure, spec, known):
    with pytest.raises(Played):
        secure(spec, known)


def test_what_is_left_out_is_said(journal):
    security = agent.leave_out(journal.agent("sheriff"))
    assert (security.hardened, security.verified) == (False, ())
    assert journal.state.security == security
