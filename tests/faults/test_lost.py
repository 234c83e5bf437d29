"""A lease that is lost while its owner works: it changes nothing more, and the next run goes on."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from itertools import cycle

import pytest

from autodeploy.aws.cloud import READS
from autodeploy.errors import LeaseLost
from autodeploy.journal import DirectoryStore

pytestmark = pytest.mark.slow

SHOP = ("shop", "production")
FEW = 4
"""Every so many calls are tried: each takes a whole deployment."""


class Thief:
    """Takes the lease once a call was answered; sees what is sent and answered after that."""

    def __init__(self, one, point):
        self._one, self._point = one, point
        self._met, self._lock, self._here = 0, threading.Lock(), threading.local()
        self._lease = None
        self.carried_out = []

    def begins(self, **_):
        """Before the guard is asked: a call that it let pass in time is none that came late."""
        self._here.late = self._lease is not None

    def ended(self, model, http_response, **_):
        if model.name.startswith(READS) or http_response.status_code >= 300:
            return
        if self._here.late:
            self.carried_out.append(model.name)
        with self._lock:
            self._met += model.name == self._point.operation
            if self._met == self._point.nth and self._lease is None:
                self._take()

    def _take(self):
        store = self._one.store
        if isinstance(store, DirectoryStore):
            (self._one.private / "lease").unlink()
            another = store
        else:
            # The owner's machine has slept for an hour.
            slept = store._leases[SHOP]
            store.unlock(*SHOP, store.holder(*SHOP))
            slept._renewed = tuple(one - 3600 for one in slept._renewed)
            another = type(store)(store._bucket, store._vault, self._one.home.parent / "thief")
        self._lease = another.lease(*SHOP, "destroy")
        self._lease.take()

    def give(self):
        self._lease.give()


@contextmanager
def listening(door, thief):
    clients = door._clients.values()
    for client in clients:
        client.meta.events.register_first("request-created", thief.begins)
        client.meta.events.register_first("after-call", thief.ended)
    yield
    for client in clients:
        client.meta.events.unregister("request-created", thief.begins)
        client.meta.events.unregister("after-call", thief.ended)


def robbed(one, run, point):
    """Run it, and have the lease taken once the call at the point was answered."""
    thief = Thief(one, point)
    with listening(one.door, thief), pytest.raises(LeaseLost):
        run()
    assert thief.carried_out == []
    thief.give()


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_who_has_lost_it_changes_nothing_more(world, tally, kind):
    for made, removed in zip(world.making[::FEW], cycle(world.removing[1::FEW])):
        tally.tried += 2
        one = world.application() if kind == "folder" else world.application().in_bucket()
        robbed(one, one.deploy, made)
        world.known(one, tally, f"{made} {kind}")
        one.deploy()
        world.whole(one, tally, f"{made} {kind}")
        robbed(one, one.destroy, removed)
        one.destroy()
        world.empty(one, tally, f"{removed} {kind}")
