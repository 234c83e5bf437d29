"""The report on a host's certificate: what was seen, and what of it is not as it should be."""

from __future__ import annotations

from ansible.module_utils.certbot_lineage import days_left

LATE = 5
"""A certificate that is in this part of its life should have been renewed long ago."""
HSTS_SECONDS = 15768000
"""Half a year: below it, scanners count it for nothing."""


def report():
    """One that says nothing yet."""
    return {"verified": [], "changed": [], "not_verified": [], "findings": []}


def finding(report, what, severity, name, message):
    report["findings"].append(
        {"id": f"tls-{what}", "severity": severity, "resource": name, "message": message}
    )


def on_the_wire(report, name, seen, kept, at):
    """Add what TLS gives under a name.

    Args:
        report: What is added to.
        name: Whose.
        seen: What was seen there.
        kept: The certificate that certbot keeps, or None.
        at: The time.
    """
    served, left = seen.certificate, days_left(seen.certificate, at)
    report["verified"].append(
        f"{name} serves a certificate of {served.issuer}, {left} days left,"
        f" by {seen.protocol}{' and HTTP/2' if seen.http2 else ''}"
    )
    if seen.distrust:
        finding(report, "untrusted", "high", name, f"what {name} serves: {seen.distrust}")
    else:
        report["verified"].append(f"the chain that {name} serves is trusted")
    if served.ends <= at:
        finding(report, "expired", "critical", name, f"the certificate ended {-left} days ago")
    elif served.ends - at < (served.ends - served.begins) / LATE:
        late = f"the certificate ends in {left} days and was not renewed"
        finding(report, "late", "high", name, late)
    if kept and kept.serial != served.serial:
        stale = "nginx serves another certificate than certbot keeps: `systemctl reload nginx`"
        finding(report, "stale", "medium", name, stale)
    if (seen.hsts or 0) < HSTS_SECONDS:
        said = f"max-age={seen.hsts}" if seen.hsts is not None else "nothing"
        finding(report, "hsts", "low", name, f"Strict-Transport-Security says {said}")
    else:
        report["verified"].append(f"{name} says Strict-Transport-Security: max-age={seen.hsts}")


def of_port_80(report, name, location):
    if location and location.startswith(f"https://{name}/"):
        report["verified"].append(f"http://{name}/ leads to {location}")
    else:
        answers = f"http://{name}/ does not lead to HTTPS"
        finding(report, "redirect", "medium", name, answers)


def of_old_protocols(report, name, taken):
    if taken is None:
        report["not_verified"].append("that TLS 1.1 is refused: this host cannot speak it itself")
    elif taken:
        finding(report, "protocol", "high", name, "TLS 1.1 or older is spoken")
    else:
        report["verified"].append("TLS 1.1 and older are refused")


def of_renewal(report, *, runs, failed, why):
    """Add what keeps the certificate.

    Args:
        report: What is added to.
        runs: Whether renewals are tried.
        failed: Whether the last one failed.
        why: The cause of that, for people.
    """
    if runs:
        report["verified"].append("certbot.timer tries a renewal twice a day")
    else:
        finding(report, "timer", "high", "certbot.timer", "certbot.timer does not run")
    if failed:
        finding(report, "renewal", "medium", "certbot.service", f"the last renewal failed: {why}")
