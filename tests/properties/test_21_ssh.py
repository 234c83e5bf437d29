"""Property 21: retries are bounded, pauses between them grow, and the host's key is checked.

The clock is a fake one; what OpenSSH does with a key is asked of a real host.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from autodeploy.contracts import Host
from autodeploy.errors import HostKeyMismatch, HostUnreachable
from autodeploy.runner import pin, ssh, wait_for_ssh

pytestmark = pytest.mark.property
HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
CHANGED = "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n"
REFUSED, TIMEOUT, OTHER_KEY, GOOD = "refused", "timeout", "other key", "good"
BAD = st.tuples(st.sampled_from([REFUSED, REFUSED, TIMEOUT]), st.floats(0, 20))
END = st.sampled_from([None, GOOD, OTHER_KEY])
# As DESIGN and sshd's penalties have it: soon at first, never more often than needed later on.
FIRST, LONGEST, JITTER = 0.2, 5, 1


class World:
    """A clock, and a host that answers as it was told; the last answer for ever."""

    def __init__(self, answers):
        self.now, self.answers = 0.0, answers
        self.begun, self.pauses = [], []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def run(self, line, **_options):
        kind, seconds = self.answers[min(len(self.begun), len(self.answers) - 1)]
        self.begun.append(self.now)
        self.now += seconds
        if kind == TIMEOUT:
            raise subprocess.TimeoutExpired(line, 20)
        said = {REFUSED: "Connection refused", OTHER_KEY: CHANGED, GOOD: ""}[kind]
        return subprocess.CompletedProcess(line, 0 if kind == GOOD else 255, "", said)


@given(st.lists(BAD, min_size=1, max_size=60), END, st.floats(0.5, 300))
def test_retries_end_and_their_pauses_grow(journal, bad, end, patience):
    world = World(bad if end is None else [*bad, (end, 0.3)])
    log, known_hosts = journal.agent("deployer"), Path("/nonexistent/known_hosts")
    raised = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", world.monotonic)
        patch.setattr(time, "sleep", world.sleep)
        patch.setattr(ssh.subprocess, "run", world.run)
        try:
            wait_for_ssh(HOST, None, known_hosts, log, patience)
        except (HostUnreachable, HostKeyMismatch) as error:
            raised = error
    for number, pause in enumerate(world.pauses):
        assert min(FIRST * 2**number, LONGEST) <= pause <= min(FIRST * 2**number + JITTER, LONGEST)
    small = [pause for pause in world.pauses if pause < LONGEST]
    assert len(small) < 2 or any(pause % FIRST > 1e-9 for pause in small), "no jitter"
    # No login begins later than one pause after the time is over.
    assert len(world.pauses) == len(world.begun) - 1
    assert all(begun <= patience + LONGEST for begun in world.begun)
    reached = len(world.begun) > len(bad)
    expected = {GOOD: type(None), OTHER_KEY: HostKeyMismatch, None: HostUnreachable}
    assert type(raised) is expected[end if reached else None]
    if end and reached:
        assert len(world.begun) == len(bad) + 1, "it goes on although the matter is settled"
    elif raised is not None:
        assert world.now >= patience, "it gave up too early"


@pytest.fixture(scope="module")
def machine(lab, module_boot):
    return module_boot(lab)


KEYS = st.binary(min_size=32, max_size=32)


@pytest.mark.lab
@settings(max_examples=2, phases=[Phase.generate])
@given(st.lists(KEYS, min_size=50, max_size=50, unique=True))
def test_a_host_that_shows_another_key_than_the_pinned_one_is_refused(machine, journal, seeds):
    own = (machine.keys / "host.pub").read_text().strip()
    for key in [*map(public, seeds), own]:
        host = Host(name="host-1", address=machine.address, host_key=key)
        with tempfile.TemporaryDirectory() as folder:
            asked = (host, machine.keys / "user", pin((host,), Path(folder)))
            if key == own:
                wait_for_ssh(*asked, journal.agent("deployer"), 20)
                continue
            with pytest.raises(HostKeyMismatch):
                wait_for_ssh(*asked, journal.agent("deployer"), 20)


def public(seed):
    """The public half of the key that these bytes make."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    form = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return key.public_bytes(*form).decode()
