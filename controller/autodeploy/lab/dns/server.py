"""A name server on one address: the DNS's own format, by UDP and TCP, in front of `World`."""

from __future__ import annotations

import functools
import logging
import socketserver
import struct
import threading
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from autodeploy.errors import LabBroken
from autodeploy.lab import netns
from autodeploy.lab.dns.zones import RecordSet, World

log = logging.getLogger(__name__)
PORT = 53
UDP_BYTES = 1232
"""What fits into any path's packet; who asks gets more by TCP."""
MOST_BYTES = 65535
LENGTH = struct.Struct("!H")

Known = Callable[[], World]


class NameServer:
    """Answers on port 53 of an address in a namespace."""

    def __init__(self, namespace: str, address: IPv4Address, known: Known) -> None:
        datagrams = netns.bind(namespace, address, PORT)
        streams = netns.listen(namespace, address, PORT)
        for kind, given, handler in (
            (socketserver.ThreadingUDPServer, datagrams, _Datagram),
            (socketserver.ThreadingTCPServer, streams, _Stream),
        ):
            answering = functools.partial(handler, known)
            server = kind((str(address), PORT), answering, bind_and_activate=False)
            server.socket.close()
            server.socket = given
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()


class _Datagram(socketserver.BaseRequestHandler):
    def __init__(self, known: Known, *arguments: Any) -> None:
        self._known = known
        super().__init__(*arguments)

    def handle(self) -> None:
        asked, sender = self.request
        said = reply(asked, self._known(), UDP_BYTES)
        if said:
            sender.sendto(said, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    timeout = 10

    def __init__(self, known: Known, *arguments: Any) -> None:
        self._known = known
        super().__init__(*arguments)

    def handle(self) -> None:
        while len(length := self.rfile.read(LENGTH.size)) == LENGTH.size:
            asked = self.rfile.read(*LENGTH.unpack(length))
            said = reply(asked, self._known(), MOST_BYTES)
            self.wfile.write(LENGTH.pack(len(said)) + said)


def reply(asked: bytes, world: World, most: int) -> bytes:
    """The answer to a message; nothing where it cannot be read. Pure.

    Args:
        asked: The message as it came.
        world: What there is to be told.
        most: Bytes that the answer may have; a longer one is cut, and says so.
    """
    try:
        question = dns.message.from_wire(asked)
        answer = dns.message.make_response(question)
    except dns.exception.DNSException:
        return b""
    answer.flags |= dns.flags.AA
    if len(question.question) == 1 and question.question[0].rdclass == dns.rdataclass.IN:
        (wanted,) = question.question
        _fill(answer, world, wanted.name.to_text(), dns.rdatatype.to_text(wanted.rdtype))
    else:
        answer.set_rcode(dns.rcode.REFUSED)
    try:
        return answer.to_wire(max_size=most)
    except dns.exception.TooBig:
        answer.answer.clear()
        answer.flags |= dns.flags.TC
        return answer.to_wire()


def _fill(answer: dns.message.Message, world: World, name: str, type_: str) -> None:
    try:
        found = world.answer(name, type_)
        records = [_wire(one) for one in found.records]
        authority = [_wire(found.authority)] if found.authority else []
    except (LabBroken, dns.exception.DNSException, ValueError):  # A zone's values are a user's.
        log.exception("%s has no answer", name)
        answer.set_rcode(dns.rcode.SERVFAIL)
        return
    answer.set_rcode(dns.rcode.from_text(found.status.value))
    answer.answer += records
    answer.authority += authority


def _wire(record: RecordSet) -> dns.rrset.RRset:
    owner = dns.name.from_text(record.name)
    # A zone's values are absolute, with a last dot or without.
    return dns.rrset.from_text_list(
        *(owner, record.ttl or 0, "IN", record.type, record.values),
        origin=dns.name.root,
        relativize=False,
    )
