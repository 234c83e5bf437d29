"""What the kernel makes of firewalld's zones."""

from __future__ import annotations

import json
import re


def accepted(ruleset):
    """What the rules of the zones accept, each as `matched` gives it.

    Args:
        ruleset: `nft --json list table inet firewalld`.
    """
    rules = [one["rule"] for one in json.loads(ruleset)["nftables"] if "rule" in one]
    for one in rules:
        zone = re.fullmatch(r"filter_IN_(?!policy_).*_allow", one["chain"])
        if zone and {"accept": None} in one["expr"]:
            yield matched(one["expr"])


def open_ports(ruleset):
    """TCP ports that the kernel accepts from everywhere."""
    return {port for ports, others in accepted(ruleset) if not others for port in ports or ()}


def admits(ruleset, ssh_ports):
    """Whether the kernel accepts SSH from anywhere at all."""
    return any(ports is None or ports & set(ssh_ports) for ports, _others in accepted(ruleset))


def matched(expressions):
    """The TCP ports that a rule is about (None: all), and whether it asks for more than them."""
    ports, others = None, False
    for match in (one["match"] for one in expressions if "match" in one):
        field = match["left"].get("payload", {})
        if field == {"protocol": "tcp", "field": "dport"}:
            ports = members(match["right"])
        elif "ct" not in match["left"]:
            others = True
            if field.get("protocol") not in {"ip", "ip6", "ether"}:
                ports = ports or set()
    return ports, others


def members(right):
    """The ports that nft writes as one, as a range or as a set of these."""
    if isinstance(right, int):
        return {right}
    if "range" in right:
        return set(range(right["range"][0], right["range"][1] + 1))
    return {port for one in right.get("set", []) for port in members(one)}
