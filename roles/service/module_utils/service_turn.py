"""One run of a release at a time on a host; the newest one's will counts.

A connection that is lost, or a controller that is stopped, leaves a run that goes on and knows
nothing of it. Whoever comes next waits for one that brings the same release, and finds what that
has done; what another release's runs, it stops. A run that is not wanted any more gives up.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import select
from contextlib import contextmanager

from ansible.module_utils.service_units import command_name, hook_name

FOLDER = "/run"  # Root's alone, and empty after a start of the host.
GONE = select.POLLERR | select.POLLHUP | select.POLLNVAL


class NotWanted(Exception):
    """The run must change nothing more."""


class Turn:
    """One run's.

    Attributes:
        release: What it brings.
    """

    def __init__(self, application, release):
        self.release = release
        self._newest = f"{FOLDER}/autodeploy-{application}.newest"
        self._mine = f"{release} {secrets.token_hex(8)}"
        self._write()

    def _write(self):
        with open(self._newest + ".partial", "w") as file:
            file.write(self._mine)
        os.replace(self._newest + ".partial", self._newest)

    def check(self):
        """Go on only where somebody waits for this release.

        Raises:
            NotWanted: A newer run brings another one, or nobody hears what comes of this.
        """
        with open(self._newest) as file:
            newest = file.read()
        if newest == self._mine:
            if not is_heard():
                raise NotWanted("the controller has gone")
        elif newest.split()[0] != self.release:
            raise NotWanted(f"release {newest.split()[0]} was begun after it")


def is_heard():
    """Whether the other end of the standard output is there."""
    poll = select.poll()
    poll.register(1, 0)
    return not any(event & GONE for _descriptor, event in poll.poll(0))


@contextmanager
def turn(systemd, application, release):
    """The run's turn: no other run works on the application's releases inside."""
    one = Turn(application, release)
    with lock(application) as held:
        if not locked(held, fcntl.LOCK_NB):
            held.seek(0)
            other = held.read().strip()
            if other and other != release:
                ours = (command_name(application, other), hook_name(application, other))
                systemd.run("stop", *ours, check=False)
            locked(held)
        held.truncate(0)
        held.write(release)
        held.flush()
        one.check()
        yield one


@contextmanager
def nobodys_turn(application):
    """Whether no run works on the application's releases; then none does inside, but waits."""
    with lock(application) as held:
        mine = locked(held, fcntl.LOCK_NB)
        if mine:
            held.truncate(0)  # It is no release's.
        yield mine


def lock(application):
    return open(f"{FOLDER}/autodeploy-{application}.lock", "a+")


def locked(file, how=0):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | how)
    except BlockingIOError:
        return False
    return True
