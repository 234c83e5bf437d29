"""One node of a cache: its host, the Redis on it, and the name that leads there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from autodeploy.lab import inside
from autodeploy.lab.appliances import Appliance, Failed
from autodeploy.lab.authority import Authority
from autodeploy.lab.caches import redis
from autodeploy.lab.host import Host
from autodeploy.lab.inside import File
from autodeploy.lab.names import Names
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs


class Node:
    """Everything here happens in the background."""

    def __init__(self, site: Site, vpcs: Vpcs, spec: HostSpec, endpoint: str) -> None:
        self._site = site
        self._vpcs = vpcs
        self._spec = spec
        self._endpoint = endpoint
        self._names = Names(site)
        self._appliance = Appliance(site, vpcs, spec, redis.EXTRA)

    def create(self, token: str, ready: Callable[[], None], failed: Failed) -> None:
        """Make it.

        Args:
            token: What clients log in with.
            ready: Called when it answers.
            failed: Called where it could not be made, or has died.
        """
        self._names.add(self._endpoint, [self._spec.private])

        def set_up(host: Host) -> None:
            self._set_up(host, token)
            ready()

        self._appliance.boot(set_up, failed)

    def regroup(self, groups: list[str]) -> None:
        """Let other security groups decide what reaches it."""
        self._vpcs.change(self._spec, public=None, groups=tuple(groups))

    def rotate(self, token: str) -> None:
        """Let it take this token too, beside its first one.

        Raises:
            LabBroken: It does not run.
        """
        self._appliance.host.execute("/bin/sh", "-e", "-s", given=redis.rotation(token))

    def delete(self, done: Callable[[], None]) -> None:
        """Destroy it."""

        def act() -> None:
            self._names.remove(self._endpoint)
            self._appliance.destroy()
            done()

        threading.Thread(target=act, daemon=True).start()

    def _set_up(self, host: Host, token: str) -> None:
        inside.wait_for_systemd(host)
        host.execute("install", "-d", "-m", "0755", redis.FOLDER)
        identity = Authority.of(self._site).issue([self._endpoint])
        service = f"/etc/systemd/system/{redis.UNIT}.service"
        for file in (
            redis.configuration(token),
            File(path=service, content=redis.SERVICE, mode="0644"),
            File(path=redis.CERTIFICATE, content=identity.certificate),
            File(path=redis.KEY, content=identity.key, mode="0600"),
        ):
            inside.write(host, file, redis.USER)
        inside.run_unit(host, redis.UNIT, "the Redis server", "enable", "--now", "--quiet")
        inside.wait_for_port(host, self._spec.private, redis.PORT)
