"""What the words of firewalld's ports and rich rules say."""

from __future__ import annotations

import re


def span(ports, port):
    """Whether ports as firewalld writes them (`22/tcp`, `20-25/tcp`) have a TCP port."""
    for one in ports:
        numbers, _slash, protocol = one.partition("/")
        low, _dash, high = numbers.partition("-")
        if protocol == "tcp" and int(low) <= port <= int(high or low):
            return True
    return False


def covers(words, port, services):
    """Whether a rich rule is about TCP packets to a port; those of an unknown service may be."""
    service = re.search(r'\bservice name="([^"]+)"', words)
    ports = re.search(r'\bport port="([\d-]+)" protocol="(\w+)"', words)
    if service:
        return service[1] not in services or span(services[service[1]], port)
    if ports:
        return span([f"{ports[1]}/{ports[2]}"], port)
    return not re.search(
        r"\b(protocol value|forward-port|icmp-\w+|masquerade|source-port)\b", words
    )


def is_bound(words):
    """Whether a rich rule is for some addresses alone."""
    return bool(re.search(r"\b(source|destination) (NOT )?(address|mac|ipset)=", words))


def is_for_ssh_alone(words, port):
    """Whether a rich rule that lets in SSH lets in nothing else."""
    return f'port port="{port}" protocol="tcp"' in words or (
        port == 22 and 'service name="ssh"' in words
    )
