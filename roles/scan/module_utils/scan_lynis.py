"""Lynis, and what its report says."""

from __future__ import annotations

import os
import shutil
import tempfile

from ansible.module_utils.scan_report import finding, part

LYNIS = "/usr/sbin/lynis"
WHAT = "operating system (Lynis)"


def look_with_lynis(run, wanted):
    """What Lynis says; its files go to a folder that is removed."""
    if not wanted:
        return part(not_verified=[f"{WHAT}: not scanned, it was not asked for"], lynis=None)
    if not os.path.exists(LYNIS):
        return part(not_verified=[f"{WHAT}: not scanned, it is not installed"], lynis=None)
    folder = tempfile.mkdtemp(prefix="autodeploy-scan-")
    report = os.path.join(folder, "report.dat")
    try:
        files = ["--report-file", report, "--logfile", os.path.join(folder, "lynis.log")]
        command = [LYNIS, "audit", "system", "--quick", "--no-colors", "--quiet", *files]
        _code, out, err = run(command, cwd=folder)
        if not os.path.exists(report):
            why = (err or out).strip()[-300:] or "it wrote no report"
            return part(not_verified=[f"{WHAT}: not scanned, {why}"], lynis=None)
        with open(report, errors="replace") as file:
            return told(values(file.read()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def values(text):
    """The report's `key=value` lines: the values by key, `warning[]` without its brackets."""
    found = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            found.setdefault(key.removesuffix("[]"), []).append(value)
    return found


def told(said):
    """What a report that was read says."""
    index = next((int(one) for one in said.get("hardening_index", ()) if one.isdigit()), None)
    if index is None:
        return part(not_verified=[f"{WHAT}: not scanned, it gave no hardening index"], lynis=None)
    warnings = [one.split("|") for one in said.get("warning", ())]
    lynis = {
        "hardening_index": index,
        "warnings": len(warnings),
        "suggestions": len(said.get("suggestion", ())),
        "version": said.get("lynis_version", [""])[0],
    }
    found = [finding(f"lynis-{one[0].lower()}", "medium", "lynis", _text(one)) for one in warnings]
    fine = [] if found else [f"{WHAT}: hardening index {index}, no warning"]
    return part(verified=fine, findings=found, lynis=lynis)


def _text(warning):
    """`TEST|text|details|solution|`, where what is not there is `-`."""
    return ": ".join(one for one in warning[1:3] if one and one != "-") or warning[0]
