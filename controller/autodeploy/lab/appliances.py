"""Hosts that AWS runs itself: databases and load balancers. No user gets into them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from autodeploy.errors import AutodeployError
from autodeploy.lab import extras
from autodeploy.lab.extras import Extra
from autodeploy.lab.host import Host, HostGone
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs

log = logging.getLogger(__name__)


class Appliance:
    """One such host, made and watched in a thread of its own."""

    def __init__(self, site: Site, vpcs: Vpcs, spec: HostSpec, extra: Extra) -> None:
        self.host = Host(site, vpcs, spec)
        self._cache = site.images
        self._extra = extra

    def boot(
        self, ready: Callable[[Host], None], failed: Callable[[AutodeployError | OSError], None]
    ) -> None:
        """Begin to make it.

        Args:
            ready: Called once it has been started, to set it up; may wait for it.
            failed: Called where it could not be made, set up, or has died.
        """
        threading.Thread(target=self._live, args=(ready, failed), daemon=True).start()

    def destroy(self) -> None:
        """Kill it and leave nothing of it."""
        self.host.destroy()

    def _live(
        self, ready: Callable[[Host], None], failed: Callable[[AutodeployError | OSError], None]
    ) -> None:
        try:
            spec = self.host.spec
            self.host.create(extras.ensure(self._extra, spec.image, self._cache))
            self.host.start()
            ready(self.host)
            self.host.wait()
        except HostGone:
            return
        except (AutodeployError, OSError) as error:
            log.exception("the host %s did not boot, or died", self.host.spec.instance_id)
            failed(error)
