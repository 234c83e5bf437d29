"""What tests of the lab's network share: VPCs, servers on hosts, and probes that time out."""

from __future__ import annotations

import contextlib
import errno
import json
import secrets
import select
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autodeploy.lab import network
from autodeploy.lab.site import Site
from labkit import Machine, allow, until

SECONDS = 1.0
TCP_PORTS, UDP_PORT = (8000, 8001, 8002), 9000
# Answers with what it is told, and stays connected.
SERVER = f"""
import selectors, socket
chosen = selectors.DefaultSelector()
for port in {TCP_PORTS}:
    chosen.register(socket.create_server(("", port)), 1, "accept")
datagrams = socket.socket(type=socket.SOCK_DGRAM)
datagrams.bind(("", {UDP_PORT}))
chosen.register(datagrams, 1, "datagram")
while True:
    for key, _ in chosen.select():
        one = key.fileobj
        if key.data == "accept":
            chosen.register(one.accept()[0], 1, "stream")
        elif key.data == "datagram":
            one.sendto(*one.recvfrom(99))
        else:
            said = one.recv(99)
            one.sendall(said)
            if not said:
                chosen.unregister(one)
                one.close()
"""


@dataclass(frozen=True)
class Vpc:
    """A VPC with a public subnet and one that is not."""

    ec2: Any
    vpc_id: str
    public: str
    private: str
    table: str
    gateway: str

    def group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description="-", VpcId=self.vpc_id)
        return made["GroupId"]


def make_vpc(ec2: Any, cidr: str = "10.77.0.0/16") -> Vpc:
    base = cidr.rsplit(".", 2)[0]
    vpc_id = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    public, private = (
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"{base}.{third}.0/24")["Subnet"]["SubnetId"]
        for third in (1, 2)
    )
    ec2.modify_subnet_attribute(SubnetId=public, MapPublicIpOnLaunch={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=public)
    return Vpc(ec2, vpc_id, public, private, table, gateway)


def ssh_group(vpc: Vpc) -> str:
    group = vpc.group("ssh")
    allow(vpc.ec2, group, "tcp", 22, 22)
    return group


def serve(machine: Machine) -> None:
    """Have a host answer on the ports."""
    machine.run(f"sudo systemd-run --quiet --unit=echo python3 -c '{SERVER}'")
    until(lambda: machine.ssh("</dev/tcp/127.0.0.1/8002").returncode == 0)


def tcp(address: str, port: int = 8000) -> bool:
    """Whether this machine can connect; what is dropped says nothing."""
    try:
        socket.create_connection((address, port), timeout=SECONDS).close()
    except TimeoutError:
        return False
    return True


def is_nobodys(address: str) -> bool:
    """Whether an address of the lab's range leads to no host."""
    try:
        socket.create_connection((address, 22), timeout=5).close()
    except OSError as error:
        return error.errno == errno.EHOSTUNREACH
    return False


@contextmanager
def outside() -> Iterator[tuple[str, int]]:
    """A listener on this machine, which is outside of every VPC."""
    gateway = str(network.load(Site.here()).gateway)
    with socket.create_server((gateway, 0)) as listener:
        yield gateway, listener.getsockname()[1]


def leads_to_the_lab(address: str) -> bool:
    """Whether this machine would send packets for an address to the lab. None is sent.

    Networks beyond this machine are no business of a test, and may answer for any address.
    """
    (route,) = json.loads(subprocess.check_output(["ip", "-json", "route", "get", address]))
    return route["dev"] == Site.here().bridge


def udp(address: str, port: int = UDP_PORT) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.settimeout(SECONDS)
        one.sendto(b"hello", (address, port))
        with contextlib.suppress(TimeoutError):
            return one.recv(99) == b"hello"
    return False


def ping(address: str) -> bool:
    """Whether an ICMP echo is answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as one:
        number = secrets.randbelow(0xFFFF)  # another flow each time
        checksum = 0xFFFF - (0x0800 + number) % 0xFFFF
        one.sendto(struct.pack("!BBHHH", 8, 0, checksum, number, 0), (address, 0))
        while select.select([one], [], [], SECONDS)[0]:
            kind, _, _, told, _ = struct.unpack("!BBHHH", one.recv(99)[20:28])
            if (kind, told) == (0, number):
                return True
    return False


def reaches(machine: Machine, address: str, port: int = 8000) -> bool:
    """Whether a host can connect to another."""
    return machine.ssh(f"timeout 1 bash -c '</dev/tcp/{address}/{port}'").returncode == 0
