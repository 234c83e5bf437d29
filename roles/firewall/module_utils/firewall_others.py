"""Firewalls of other kinds: rules that close ports, and that UFW and firewalld know nothing of."""

from __future__ import annotations

import json
import os
import re

PERSISTENT = "/usr/sbin/netfilter-persistent"
NFT = "/usr/sbin/nft"
IPTABLES = ("/usr/sbin/iptables", "/usr/sbin/ip6tables")
OURS = {"firewalld"}
# What closes by these alone closes a port to everybody; lists of bad addresses are none of it.
GENERAL = {"dport", "l4proto", "protocol", "nfproto"}


def closing_chains(ruleset):
    """The chains for incoming packets that close ports and are neither UFW's nor firewalld's.

    Args:
        ruleset: `nft --json list ruleset`.
    """
    objects = json.loads(ruleset)["nftables"]
    rules = {}
    for one in (found["rule"] for found in objects if "rule" in found):
        place = (one["family"], one["table"], one["chain"])
        rules.setdefault(place, []).append(one["expr"])
    found = []
    for one in (found["chain"] for found in objects if "chain" in found):
        inside = rules.get((one["family"], one["table"], one["name"]), [])
        shut = one.get("policy") == "drop" or any(map(closes, inside))
        if one.get("hook") == "input" and shut and one["table"] not in OURS and not is_ufws(inside):
            found.append(f"the chain {one['name']} of nftables' {one['family']} {one['table']}")
    return found


def closes(expressions):
    """Whether a rule refuses packets whatever their source."""
    verdict = any({"drop", "reject"} & set(one) for one in expressions)
    lefts = [one["match"]["left"] for one in expressions if "match" in one]
    return verdict and all(about(left) in GENERAL for left in lefts)


def about(left):
    """What a match looks at: a packet's field, or what the kernel knows of it."""
    return left.get("payload", {}).get("field") or left.get("meta", {}).get("key")


def is_ufws(rules):
    """Whether a chain is the one that UFW's hang on."""
    targets = [one["jump"]["target"] for rule in rules for one in rule if "jump" in one]
    return any(target.startswith("ufw") for target in targets)


def closes_by_iptables(text):
    """Whether the rules in `iptables -S INPUT` close ports, and are not UFW's."""
    narrow = r"-s |-i |--match-set |--(ct)?state |-p (?!tcp )"
    rule = rf"^-A INPUT (?!.*({narrow})).*-j (DROP|REJECT)"
    shut = "-P INPUT DROP" in text or re.search(rule, text, re.MULTILINE)
    return bool(shut) and " -j ufw" not in text


def others(ask, name, there):
    """What else is a firewall on this host, in words.

    Args:
        ask: Runs a command and gives its output.
        name: Which one is to be used.
        there: Whether that is installed.
    """
    found = []
    if name == "ufw" and not there and os.path.exists(PERSISTENT):
        found.append("netfilter-persistent, which the package of UFW's removes,")
    if os.path.exists(NFT):
        found += closing_chains(ask(NFT, "--json", "list", "ruleset"))
    # What it writes by modules of its own, as REJECT, nft cannot tell.
    programs = filter(os.path.exists, IPTABLES)
    return found + [
        f"{os.path.basename(one)}'s chain INPUT"
        for one in programs
        if closes_by_iptables(ask(one, "-w", "-S", "INPUT"))
    ]
