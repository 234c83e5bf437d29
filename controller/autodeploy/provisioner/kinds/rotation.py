"""Behind a load balancer: a host gets no requests while it is out of service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Found, Site
from autodeploy.provisioner.kinds.target_group import TARGET_GROUP
from autodeploy.provisioner.kinds.targets import register, remove, states

HEALTHS_SECONDS, HEALTHY_SECONDS = 15, 300  # as a rule, at most


@contextmanager
def out_of_rotation(site: Site, host: Found) -> Iterator[None]:
    """Inside the `with`, the load balancer sends the host nothing.

    Afterwards it does again, and where the host was healthy before, it is so again. Where the
    application has no load balancer, or the host is no target of it, nothing is done.

    Raises:
        CloudError: AWS refused, or the host was not let go or not healthy in time.
    """
    group = site.ids.get(TARGET_GROUP)
    before = states(site.cloud, group).get(host.id) if group else None
    if group is None or before is None:
        yield
        return
    try:
        remove(site, group, {host.id})
        yield
    except BaseException:
        # What went wrong is told; a host that is out for that comes in by the next deployment.
        with suppress(CloudError):
            register(site.cloud, group, [host.id])
        raise
    register(site.cloud, group, [host.id])
    if before == "healthy":
        site.patience.until(
            lambda: states(site.cloud, group).get(host.id) == "healthy",
            seconds=HEALTHY_SECONDS,
            usual=HEALTHS_SECONDS,
            what=f"{host.key} to be healthy again",
        )
