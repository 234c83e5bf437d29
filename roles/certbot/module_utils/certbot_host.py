"""One host's certificate: looked at as a whole, for the modules of the role."""

from __future__ import annotations

import os
import re

from ansible.module_utils import certbot_findings as findings
from ansible.module_utils import certbot_wire as wire
from ansible.module_utils.certbot_ask import CERTBOT, cause, read_log
from ansible.module_utils.certbot_lineage import kept, now
from ansible.module_utils.certbot_renewal import Renewal

APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
NAME = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
MOST_NAMES = 100


def problem(application, names):
    """What is wrong with what is asked for; None where nothing is."""
    if not APPLICATION.fullmatch(application):
        return f"{application!r} is no name for an application"
    if not 1 <= len(names) <= MOST_NAMES:
        return f"a certificate is for 1 to {MOST_NAMES} names, not {len(names)}"
    wild = [name for name in names if name.startswith("*.")]
    if wild:
        return f"{', '.join(wild)}: HTTP-01 gives no certificate for all names below another"
    wrong = [name for name in names if not NAME.fullmatch(name)]
    return f"{', '.join(wrong)}: no name in DNS (lower case, punycode)" if wrong else None


def is_installed():
    return os.path.exists(CERTBOT)


def see(module, names, ca_bundle, application, report):
    """Add to a report what is served under the names, and what keeps it."""
    renewal = Renewal(module.run_command)
    if not is_installed():
        report["not_verified"].append("TLS: certbot is not installed yet")
        return report
    certificate, failed = kept(application), renewal.failed()
    if certificate:
        why = cause("", read_log())[1] if failed else None
        findings.of_renewal(report, runs=renewal.runs(), failed=failed, why=why)
    if not wire.serves_here():
        report["not_verified"].append("TLS: nothing listens on port 443 yet")
        return report
    for name in names:
        see_name(name, ca_bundle, certificate, report)
    if names:
        findings.of_old_protocols(report, names[0], wire.takes_old(names[0]))
    return report


def see_name(name, ca_bundle, certificate, report):
    """Add what one name's visitors get; where they get nothing, what the host itself serves."""
    try:
        seen = served(name, ca_bundle, report)
    except OSError as error:
        report["not_verified"].append(f"TLS of {name}: {error}")
        return
    findings.on_the_wire(report, name, seen, certificate, now())
    findings.of_port_80(report, name, wire.sent_to(name))


def served(name, ca_bundle, report):
    try:
        return wire.look(name, ca_bundle)
    except OSError as error:
        here = wire.look(name, ca_bundle, wire.HERE)
        message = f"port 443 of {name} does not answer as the host itself does: {error}"
        findings.finding(report, "closed", "high", name, message)
        return here
