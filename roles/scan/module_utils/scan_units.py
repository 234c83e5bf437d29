"""How exposed units are, as systemd counts it."""

from __future__ import annotations

import json

from ansible.module_utils.scan_report import finding, part

OWN = "/etc/systemd/system/"
"""Where the administrator's units are, and an application's; a package's are elsewhere."""
EXPOSED = 7.0
WHAT = "sandbox of units (systemd-analyze security)"


def look_at_units(run):
    """The exposure of each active service of the administrator's."""
    code, shown, err = run(
        ["systemctl", "show", "--property=Id,FragmentPath,ActiveState", "--", "*.service"]
    )
    if not code:
        code, scores, err = run(["systemd-analyze", "security", "--json=short", "--no-pager"])
    if code:
        return part(not_verified=[f"{WHAT}: not scanned, {err.strip()}"], units={})
    return told(own_services(shown), json.loads(scores))


def own_services(shown):
    """Names of the active units in `systemctl show`'s text that the administrator has made."""
    blocks = [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for block in shown.split("\n\n")
    ]
    return {
        block["Id"]
        for block in blocks
        if block.get("FragmentPath", "").startswith(OWN) and block.get("ActiveState") == "active"
    }


def told(names, scores):
    """What systemd's scores say of some units."""
    units = {one["unit"]: float(one["exposure"]) for one in scores if one["unit"] in names}
    exposed = {name: score for name, score in units.items() if score >= EXPOSED}
    found = [
        finding("unit-exposed", "medium", name, f"systemd counts its exposure as {score} of 10")
        for name, score in sorted(exposed.items())
    ]
    fine = [
        f"{name}: exposure {score} of 10"
        for name, score in sorted(units.items())
        if score < EXPOSED
    ]
    return part(verified=fine, findings=found, units=units)
