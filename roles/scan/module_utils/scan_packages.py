"""Security updates that wait, by apt's own lists."""

from __future__ import annotations

import glob
import os
import re
import time

from ansible.module_utils.scan_report import finding, part

LISTS = "/var/lib/apt/lists/*Release"
DAYS = 2
"""Older lists do not tell what waits."""
INSTALL = re.compile(r"^Inst (\S+) \[(\S+)\] \((\S+) (.*?) \[\S+\]\)", re.MULTILINE)
WHAT = "security updates"


def look_at_packages(run):
    """The security updates that are not installed yet. Nothing is fetched."""
    lists = [os.path.getmtime(one) for one in glob.glob(LISTS)]
    if not lists:
        return part(not_verified=[f"{WHAT}: not scanned, apt has no package lists"])
    code, out, err = run(["apt-get", "--simulate", "--quiet", "dist-upgrade"])
    if code:
        return part(not_verified=[f"{WHAT}: not scanned, {err.strip()[-300:]}"])
    return told(pending(out), (time.time() - max(lists)) / 86400)


def pending(simulated):
    """Package, installed and newer version of each security update in `apt-get -s`'s text."""
    return [
        (name, old, new)
        for name, old, new, origins in INSTALL.findall(simulated)
        if "security" in origins.lower()
    ]


def told(updates, age):
    """What waits, by lists that are `age` days old."""
    found = [
        finding("security-update", "high", f"package {name}", f"{old} is installed, {new} is out")
        for name, old, new in updates
    ]
    if age > DAYS:
        stale = f"{WHAT}: the package lists are {age:.0f} days old"
        return part(not_verified=[stale], findings=found)
    fine = [] if found else [f"{WHAT}: none is waiting"]
    return part(verified=fine, findings=found)
