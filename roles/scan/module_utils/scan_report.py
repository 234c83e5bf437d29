"""The form of what is reported."""

from __future__ import annotations

LISTS = ("verified", "changed", "not_verified", "findings")


def part(verified=(), not_verified=(), findings=(), **own):
    """What one look has to say, with keys of its own."""
    lists = {"verified": verified, "not_verified": not_verified, "findings": findings}
    return {**{name: list(said) for name, said in lists.items()}, "changed": [], **own}


def finding(check, severity, resource, message):
    """Something that is not as it should be."""
    return {"id": check, "severity": severity, "resource": resource, "message": message}


def merged(parts):
    """All parts as one report: every entry once, in the order of the looks."""
    report = {name: [] for name in LISTS}
    for one in parts:
        for name in LISTS:
            report[name] += [entry for entry in one[name] if entry not in report[name]]
        report.update({key: said for key, said in one.items() if key not in LISTS})
    return report
