"""A host that ends by itself, as a caller of the API sees it."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

from moto.ec2.models.instances import StateReason

from autodeploy.lab.api.machines import Machine, Machines


class Instance(SimpleNamespace):
    """As much of moto's as the end of a host touches."""

    def stop(self) -> None:
        self.state, self.state_reason = "stopped", StateReason("", "Client.UserInitiatedShutdown")


class Network:
    """A network in which a caller looks at the instance while the host's end is settled."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.machines: Machines | None = None

    def answer_metadata(self, facts: Any) -> None: ...

    def look(self, instance: Any) -> threading.Thread:
        def looks() -> None:
            with self.machines.lock:
                self.seen.append(instance.state_reason.code)

        caller = threading.Thread(target=looks)
        caller.start()
        caller.join(0.05)
        return caller


def test_nobody_sees_a_host_that_ended_by_itself_without_the_reason(monkeypatch):
    network = Network()
    network.machines = machines = Machines(None, network)
    instance = Instance(id="i-1", state="running", instance_initiated_shutdown_behavior="stop")
    machine = Machine(instance, None, None)
    machines._machines["i-1"] = machine
    callers = []
    monkeypatch.setattr(machines, "_settle", lambda _: callers.append(network.look(instance)))
    machines._ended(machine)
    callers[0].join()
    assert network.seen == ["Client.InstanceInitiatedShutdown"]
