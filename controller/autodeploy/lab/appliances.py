"""Hosts that AWS runs itself: databases and load balancers. No user gets into them."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from autodeploy.errors import AutodeployError, LabBroken
from autodeploy.lab import extras
from autodeploy.lab.extras import Extra
from autodeploy.lab.host import Host, HostGone
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs

log = logging.getLogger(__name__)
Ready = Callable[[Host], None]
Failed = Callable[[AutodeployError | OSError], None]


class Appliance:
    """One such host, made and watched in a thread of its own."""

    def __init__(self, site: Site, vpcs: Vpcs, spec: HostSpec, extra: Extra) -> None:
        self.host = Host(site, vpcs, spec)
        self._cache = site.images
        self._extra = extra

    def boot(self, ready: Ready, failed: Failed, ended: Callable[[], None] = lambda: None) -> None:
        """Begin to make it.

        Args:
            ready: Called once it has been started, to set it up; may wait for it.
            failed: Called where it could not be made, set up, or has died.
            ended: Called when it has powered itself off in order.
        """
        _in_background(self._first_boot, ready, failed, ended)

    def start(self, ready: Ready, failed: Failed, ended: Callable[[], None]) -> None:
        """Begin to start it again after it has powered itself off; as `boot` otherwise."""
        _in_background(self._next_boot, ready, failed, ended)

    def destroy(self) -> None:
        """Kill it and leave nothing of it."""
        self.host.destroy()

    def _first_boot(self, ready: Ready, failed: Failed, ended: Callable[[], None]) -> None:
        with self._giving_up(failed):
            self.host.create(extras.ensure(self._extra, self.host.spec.image, self._cache))
            self._live(ready, ended)

    def _next_boot(self, ready: Ready, failed: Failed, ended: Callable[[], None]) -> None:
        with self._giving_up(failed):
            self._live(ready, ended)

    def _live(self, ready: Ready, ended: Callable[[], None]) -> None:
        self.host.start()
        ready(self.host)
        code = self.host.wait()
        if code:
            raise LabBroken(f"systemd-nspawn ended with {code}", cause=self.host.console())
        ended()

    @contextlib.contextmanager
    def _giving_up(self, failed: Failed) -> Iterator[None]:
        try:
            yield
        except HostGone:
            return
        except (AutodeployError, OSError) as error:
            log.exception("the host %s did not boot, or died", self.host.spec.instance_id)
            failed(error)


def _in_background(target: Callable[[Ready, Failed, Callable[[], None]], None], *args: Any) -> None:
    threading.Thread(target=target, args=args, daemon=True).start()
