"""One database of the lab: its host, the server on it, and the name that leads there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autodeploy.errors import AutodeployError
from autodeploy.lab.appliances import Appliance, Failed
from autodeploy.lab.authority import Authority
from autodeploy.lab.databases.engines import Engine
from autodeploy.lab.databases.server import Server
from autodeploy.lab.host import Host
from autodeploy.lab.names import Names
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs

Done = Callable[[], None]
Work = Callable[[Server], None]


@dataclass(frozen=True)
class Order:
    """What a database is to be.

    Attributes:
        spec: Its host.
        engine: What runs on it.
        endpoint: Its DNS name.
        port: Where it listens.
    """

    spec: HostSpec
    engine: Engine
    endpoint: str
    port: int


@dataclass(frozen=True)
class Watch:
    """Who is told what becomes of it.

    Attributes:
        ready: It answers.
        failed: It could not be made, or has died.
        ended: It has shut down in order.
    """

    ready: Done
    failed: Failed
    ended: Done


class Database:
    """Everything here happens in the background, one thing after the other."""

    def __init__(self, site: Site, vpcs: Vpcs, order: Order) -> None:
        self.order = order
        self.values: Mapping[str, str] = {}
        self._site = site
        self._vpcs = vpcs
        self._names = Names(site)
        self._appliance = Appliance(site, vpcs, order.spec, order.engine.extra)
        self._server = Server(self._appliance.host, order.engine, order.spec.private, order.port)
        self._lock = threading.Lock()

    def create(self, values: Mapping[str, str], fill: Work, watch: Watch) -> None:
        """Make it.

        Args:
            values: The values of its parameters.
            fill: What to do with the new server before anybody uses it.
            watch: Who is told.
        """
        self.values = values
        spec = self.order.spec
        self._names.add(self.order.endpoint, [spec.public or spec.private])

        def ready(_: Host) -> None:
            identity = Authority.of(self._site).issue([self.order.endpoint])
            self._server.set_up(identity, values)
            fill(self._server)
            self._server.wait_until_it_answers()
            watch.ready()

        self._appliance.boot(ready, watch.failed, watch.ended)

    def start(self, watch: Watch) -> None:
        """Start it again."""

        def ready(_: Host) -> None:
            self._server.wait()
            watch.ready()

        self._appliance.start(ready, watch.failed, watch.ended)

    def measured(self) -> tuple[int, int]:
        """How many clients it has, and how many bytes its data take.

        Raises:
            LabBroken: Its host does not run.
        """
        return self._server.connections(), self._server.used_bytes()

    def regroup(self, groups: list[str]) -> None:
        """Let other security groups decide what reaches it."""
        spec = self.order.spec
        self._vpcs.change(spec, public=spec.public, groups=tuple(groups))

    def stop(self) -> None:
        """Shut it down in order."""
        self._appliance.host.power_off()

    def restart(self, values: Mapping[str, str], done: Done, failed: Failed) -> None:
        """Restart the server with these values of its parameters."""

        def work(server: Server) -> None:
            server.restart(values)
            self.values = values

        self.run(work, done, failed)

    def apply(self, values: Mapping[str, str], done: Done, failed: Failed) -> None:
        """Give the running server these values of its parameters."""

        def work(server: Server) -> None:
            server.apply(self.values, values)
            self.values = values

        self.run(work, done, failed)

    def run(self, work: Work, done: Done, failed: Failed) -> None:
        """Do something with the running server."""

        def act() -> None:
            with self._lock:
                try:
                    work(self._server)
                except (AutodeployError, OSError) as error:
                    failed(error)
                else:
                    done()

        threading.Thread(target=act, daemon=True).start()

    def delete(self, dump: Path | None, done: Done, failed: Failed) -> None:
        """Destroy it, after a last dump where one is asked for; if that fails it lives on."""

        def work(server: Server) -> None:
            if dump:
                server.dump(dump)
            self._names.remove(self.order.endpoint)
            self._appliance.destroy()

        self.run(work, done, failed)
