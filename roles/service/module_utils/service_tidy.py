"""Units of releases that nothing needs any more."""

from __future__ import annotations

import os

from ansible.module_utils.service_host import releases, remove_units
from ansible.module_utils.service_units import drain_name, folder_of, jobs_of, target_name

STOPPED = {"inactive", "failed"}


def stale(names, live, draining):
    """Releases that nothing needs to run: neither live, deployed now nor draining."""
    return sorted(set(names) - set(live) - set(draining))


def tidy(release, old):
    """Stop what no release needs, an interrupted deploy's too; remove units without a release."""
    systemd, application = release.systemd, release.application
    found = releases(application)
    draining = [one for one in found if is_active(systemd, drain_name(application, one))]
    changed = False
    for name in stale(found, {release.name, old}, draining):
        files = found[name]
        enabled = target_name(application, name)
        if systemd.run("is-enabled", "--quiet", enabled, check=False)[0] == 0:
            systemd.run("disable", "--quiet", enabled)
            changed = True
        # A job that runs still may end.
        jobs = jobs_of(files)
        changed = stop(systemd, [one for one in files if one not in jobs]) or changed
        if not os.path.isdir(folder_of(application, name)):
            remove_units(systemd, files)
            changed = True
    return changed


def is_active(systemd, name):
    return systemd.run("is-active", "--quiet", name, check=False)[0] == 0


def stop(systemd, names):
    """Stop units; whether any of them was there to be stopped."""
    states = systemd.show(names, "ActiveState") if names else []
    if all(one.get("ActiveState") in STOPPED for one in states):
        return False
    systemd.run("stop", *names)
    return True
