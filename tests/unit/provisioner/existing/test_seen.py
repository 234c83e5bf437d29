"""What a host says of itself, and what speaks against it."""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import Host
from autodeploy.provisioner import Owner
from autodeploy.provisioner.existing.fitness import claim_of, closing, of_one_image, unfit
from autodeploy.provisioner.existing.seen import parse
from autodeploy.settings import Settings

HOST = Host(name="host-1", address="192.0.2.1", host_key="")
PORTS = (80,)
OWNER = Owner(application="shop", environment="production", deployment="d")
SETTINGS = Settings(target="ssh", addresses=("admin@192.0.2.1",))
FIT = """system debian-12
machine x86_64
ssh_port 22
has python3
has sudo
listens 00000000:0016
listens 00000000000000000000000000000000:0016
listens 0100007F:1538
listens 00000000:1538
"""


def whats(output, settings=SETTINGS):
    return [one.what for one in unfit(parse(output), HOST, OWNER, settings, PORTS) if one.remedy]


def test_nothing_speaks_against_a_plain_debian():
    assert whats(FIT) == []
    assert closing(parse(FIT), HOST, OWNER, PORTS) == [0x1538]


@pytest.mark.parametrize(
    ("line", "instead", "what"),
    [
        ("system debian-12", "system debian-11", "it runs debian-11"),
        ("system debian-12", "system ubuntu-24.04", "it runs ubuntu-24.04"),
        ("system debian-12", "", "it runs no system that it names"),
        ("machine x86_64", "machine aarch64", "its processor is aarch64, not x86_64"),
        ("ssh_port 22", "ssh_port 2222", "SSH listens there on port 2222, which is forwarded"),
        ("has python3", "", "it has no /usr/bin/python3"),
        ("has sudo", "", "admin may not use sudo there without a password"),
        ("has sudo", "has sudo\ntaken /srv/shop", "/srv/shop is there already"),
        ("has sudo", "has sudo\nlistens 0100007F:0050", "something listens on port 80 already"),
        ("has sudo", "has sudo\nclaim blog production", "it serves blog (production) already"),
        ("has sudo", "has sudo\nclaim shop staging", "it serves shop (staging) already"),
        ("has sudo", "has sudo\nclaim ", "it serves another application already"),
    ],
)
def test_each_of_these_does(line, instead, what):
    assert line in FIT
    assert whats(FIT.replace(line, instead)) == [what]


def test_what_is_ours_already_is_not_in_our_way():
    ours = f"{FIT}claim {claim_of(OWNER)}\ntaken /srv/shop\nlistens 00000000:0050\n"
    assert whats(ours) == []
    assert closing(parse(ours), HOST, OWNER, PORTS) == []


def test_all_that_speaks_against_it_is_said():
    assert len(whats("taken /srv/shop\n")) == 6


def test_the_image_is_the_host_s_unless_another_is_asked_for():
    thirteen = FIT.replace("debian-12", "debian-13")
    assert whats(thirteen) == []
    asked = Settings(target="ssh", image="debian-12")
    assert whats(thirteen, asked) == ["it runs debian-13, and the setting `image` says debian-12"]


def test_one_artifact_is_built_for_all():
    twelve, thirteen = parse(FIT), parse(FIT.replace("debian-12", "debian-13"))
    other = HOST.model_copy(update={"name": "host-2"})
    assert of_one_image([(HOST, twelve), (other, twelve)]) == []
    (problem,) = of_one_image([(HOST, twelve), (other, thirteen)])
    assert (problem.host, problem.what) == (
        other,
        "it runs debian-13, and 192.0.2.1 runs debian-12",
    )


@pytest.mark.parametrize("output", ["", "\n\0 \n", "listens\nlistens x:y\nlistens 1\n", "has"])
def test_a_host_that_talks_nonsense_is_no_error(output):
    assert whats(output)


@given(
    st.integers(1, 65535),
    st.ip_addresses()
    | st.sampled_from(["127.0.0.1", "127.3.4.5", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"]),
)
def test_a_port_is_open_unless_only_the_host_itself_reaches_it(port, text):
    address = ip_address(text)
    packed = struct.unpack(f"<{len(address.packed) // 4}I", address.packed)
    words = "".join(f"{word:08X}" for word in packed)
    seen = parse(f"listens {words}:{port:04X}\n")
    assert seen.ports == {port}
    inner = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    assert isinstance(inner, IPv4Address | IPv6Address)
    assert seen.open_ports == (set() if inner.is_loopback else {port})


def test_the_kernel_writes_addresses_so():
    """The form that the test above builds is the one of the kernel that runs it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with open("/proc/net/tcp") as table:  # noqa: PTH123
            rows = [line.split() for line in table]
        local = next(row[1] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A")
        seen = parse(f"listens {local}\n")
        assert (seen.ports, seen.open_ports) == ({port}, set())
