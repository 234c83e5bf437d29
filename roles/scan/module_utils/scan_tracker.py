"""Installed packages in a copy of Debian's security tracker (its `data/json`)."""

from __future__ import annotations

import json
import os
import re

from ansible.module_utils.scan_report import finding, part

WHAT = "known vulnerabilities (Debian's security tracker)"
FORMAT = "${source:Package} ${source:Version} ${db:Status-Abbrev}\\n"
SEVERITIES = {"low": "low", "medium": "medium", "high": "high"}
"""By the tracker's urgency; what it has not rated yet counts as medium."""
IGNORED = {"unimportant", "end-of-life"}
RELEASE = "/etc/os-release"


def look_up(run, path):
    """What the tracker knows of the packages that are installed."""
    if not path:
        return part(not_verified=[f"{WHAT}: not scanned, no copy of it was given"])
    if not os.path.exists(path):
        return part(not_verified=[f"{WHAT}: not scanned, there is no {path}"])
    try:
        with open(path) as file:
            tracker = json.load(file)
        with open(RELEASE) as file:
            release = re.findall(r'^VERSION_CODENAME="?(\w+)', file.read(), re.MULTILINE)[0]
        known = list(entries(tracker, release, sources(run)))
    except (AttributeError, IndexError, OSError, ValueError) as error:
        return part(not_verified=[f"{WHAT}: not scanned, {path}: {error}"])
    return told([one for one in known if applies(one, lambda *two: is_older(run, *two))])


def sources(run):
    """Version of each source package that something installed is made of."""
    _code, out, _err = run(["dpkg-query", "--show", f"--showformat={FORMAT}"])
    rows = [line.split() for line in out.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 3 and row[2].startswith("ii")}


def entries(tracker, release, installed):
    """What the tracker has on installed sources: (source, version, CVE, what it says)."""
    for source in sorted(tracker.keys() & installed.keys()):
        for identifier, about in sorted(tracker[source].items()):
            said = about.get("releases", {}).get(release)
            if said and said.get("urgency", "").rstrip("*") not in IGNORED:
                yield source, installed[source], identifier, said


def applies(entry, is_older_than):
    """Whether the installed version has it."""
    _source, version, _identifier, said = entry
    if said.get("status") == "open":
        return True
    fixed = said.get("fixed_version", "0")
    # The tracker's word for "this release never had it".
    return said.get("status") == "resolved" and fixed != "0" and is_older_than(version, fixed)


def is_older(run, one, other):
    """Whether a version is older than another, as dpkg compares them."""
    return one != other and run(["dpkg", "--compare-versions", one, "lt", other])[0] == 0


def told(known):
    """What applies, as findings: a fix that is out counts as rated, no fix yet as low."""
    found = [_finding(*one) for one in known]
    fine = [] if found else [f"{WHAT}: none in what is installed"]
    return part(verified=fine, findings=found)


def _finding(source, version, identifier, said):
    if said.get("status") == "open":
        return finding(identifier, "low", f"package {source}", f"{version}: no fix is out yet")
    severity = SEVERITIES.get(said.get("urgency", "").rstrip("*"), "medium")
    message = f"{version} is installed, {said['fixed_version']} mends it"
    return finding(identifier, severity, f"package {source}", message)
