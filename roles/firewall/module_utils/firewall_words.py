"""What the words of a UFW rule say."""

from __future__ import annotations

import configparser
import contextlib
import re
import shlex

EVERYWHERE = (None, "any", "0.0.0.0/0", "::/0")


def fields(words):
    """A rule's words by name: `from`, `on`, `to`, `proto`, and a side's `from port`, `to app`.

    The one word of a short rule, which may be an application too, is its `to port`.
    """
    rest = [one for one in shlex.split(words)[1:] if one not in {"in", "log", "log-all"}]
    if len(rest) == 1:
        return {"to port": rest[0]}
    found, side = {}, "to"
    for name, value in zip(rest[::2], rest[1::2], strict=False):
        side = name if name in {"from", "to"} else side
        found[f"{side} {name}" if name in {"port", "app"} else name] = value
    return found


def covers(ports, port):
    """Whether ports as UFW or iptables writes them (`80,443/tcp|53`, `20:25`) have a TCP port.

    Gives None where that cannot be told: it is an application that nothing is known of.
    """
    for one in ports.split("|"):
        numbers, _slash, protocol = one.partition("/")
        if not re.fullmatch(r"[\d:,]+", numbers):
            return None
        ends = [part.partition(":") for part in numbers.split(",")]
        inside = any(int(low) <= port <= int(high or low) for low, _colon, high in ends)
        if inside and protocol in {"", "tcp"}:
            return True
    return False


def reaches(words, port, applications):
    """Whether a rule is about TCP packets to a port, wherever they are from; None is not known."""
    said = fields(words)
    named = said.get("to app") or said.get("to port")
    if said.get("proto", "tcp") != "tcp":
        return False
    return True if named is None else covers(applications.get(named, named), port)


def bound(words):
    """Whether a rule is for some addresses or interfaces alone."""
    return any(fields(words).get(name) not in EVERYWHERE for name in ("from", "on", "to"))


def lets_in(words):
    """Whether a rule lets in."""
    parts = shlex.split(words)
    return parts[0] in {"allow", "limit"} and "out" not in parts[1:3]


def application_ports(texts):
    """The ports of UFW's applications by their names, from the texts of their profiles."""
    found = configparser.ConfigParser(interpolation=None, strict=False)
    for text in texts:
        # UFW itself leaves out a profile that it cannot read.
        with contextlib.suppress(configparser.Error):
            found.read_string(text)
    return {name: found[name].get("ports", "") for name in found.sections()}
