"""What a name server says of zones, by the rules of the DNS."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rcode
import pytest

from autodeploy.lab.dns.server import reply
from autodeploy.lab.dns.zones import RecordSet, Status, World, Zone

BALANCER = "shop-1.us-east-1.elb.amazonaws.com"


def record(name, type_, *values, alias=None):
    return RecordSet(name=name, type=type_, ttl=60, values=values, alias=alias)


ZONES = (
    Zone(
        name="example.com",
        records=(
            record("example.com", "SOA", "ns.example. me.example. 1 2 3 4 5"),
            record("example.com", "A", alias=BALANCER),
            record("shop.example.com", "A", "192.0.2.1", "192.0.2.2"),
            record("shop.example.com", "TXT", '"a" "b"'),
            record("www.example.com", "CNAME", "Shop.Example.com."),
            record("lost.example.com", "CNAME", "nobody.example.com"),
            record("out.example.com", "CNAME", "elsewhere.org"),
            record("balanced.example.com", "CNAME", BALANCER),
            record("round.example.com", "CNAME", "about.example.com"),
            record("about.example.com", "CNAME", "round.example.com"),
            record("alias.example.com", "A", alias="www.example.com"),
            record("here.example.com", "A", alias="there.example.com"),
            record("there.example.com", "A", alias="here.example.com"),
            record("*.wild.example.com", "A", "192.0.2.3"),
            record("own.wild.example.com", "TXT", '"here"'),
            record("bad.example.com", "MX", "ten mail"),
            record("worse.example.com", "CAA", "999 issue x"),
            record("long.example.com", "TXT", *(f'"{n:0200}"' for n in range(20))),
            record("a.deep.example.com", "A", "192.0.2.4"),
            record("shop.inner.example.com", "A", "192.0.2.66"),
        ),
    ),
    Zone(
        name="inner.example.com",
        records=(record("shop.inner.example.com", "A", "192.0.2.5"),),
    ),
)
WORLD = World(ZONES, lambda name: ["192.0.2.9"] if name == BALANCER else [])


@pytest.mark.parametrize(
    ("name", "type_", "status", "values"),
    [
        ("shop.example.com", "A", "NOERROR", ["192.0.2.1", "192.0.2.2"]),
        ("SHOP.example.COM.", "A", "NOERROR", ["192.0.2.1", "192.0.2.2"]),
        ("shop.example.com", "AAAA", "NOERROR", []),
        ("example.com", "A", "NOERROR", ["192.0.2.9"]),
        ("example.com", "AAAA", "NOERROR", []),
        ("alias.example.com", "A", "NOERROR", ["192.0.2.1", "192.0.2.2"]),
        ("www.example.com", "CNAME", "NOERROR", ["Shop.Example.com."]),
        ("www.example.com", "A", "NOERROR", ["Shop.Example.com.", "192.0.2.1", "192.0.2.2"]),
        ("balanced.example.com", "A", "NOERROR", [BALANCER, "192.0.2.9"]),
        ("lost.example.com", "A", "NXDOMAIN", ["nobody.example.com"]),
        ("out.example.com", "A", "NOERROR", ["elsewhere.org"]),
        ("nobody.example.com", "A", "NXDOMAIN", []),
        ("x.wild.example.com", "A", "NOERROR", ["192.0.2.3"]),
        ("y.x.wild.example.com", "A", "NOERROR", ["192.0.2.3"]),
        ("wild.example.com", "A", "NOERROR", []),
        ("own.wild.example.com", "A", "NOERROR", []),
        ("x.own.wild.example.com", "A", "NXDOMAIN", []),
        ("deep.example.com", "A", "NOERROR", []),
        ("b.deep.example.com", "A", "NXDOMAIN", []),
        ("shop.inner.example.com", "A", "NOERROR", ["192.0.2.5"]),
        ("notexample.com", "A", "REFUSED", []),
        ("elsewhere.org", "A", "REFUSED", []),
        (BALANCER, "A", "NOERROR", ["192.0.2.9"]),
    ],
)
def test_a_name_means(name, type_, status, values):
    said = WORLD.answer(name, type_)
    assert said.status.value == status
    assert [value for one in said.records for value in one.values] == values


def test_names_that_lead_to_each_other_have_an_end():
    assert WORLD.answer("round.example.com", "A").status is Status.FOUND
    assert WORLD.answer("here.example.com", "A").records == ()


def test_where_there_is_nothing_the_zone_says_for_how_long():
    for name in ("nobody.example.com", "wild.example.com"):
        (soa,) = [WORLD.answer(name, "A").authority]
        assert soa
        assert soa.type == "SOA"
    assert WORLD.answer("shop.example.com", "A").authority is None


def asked(name, type_, most=1232):
    said = dns.message.from_wire(reply(dns.message.make_query(name, type_).to_wire(), WORLD, most))
    return said, [str(one) for found in said.answer for one in found]


def test_an_answer_is_the_dnss():
    said, values = asked("shop.example.com", "TXT")
    assert values == ['"a" "b"']
    assert said.flags & dns.flags.AA
    assert said.answer[0].ttl == 60
    alias, *values = asked("www.example.com", "A")[1]
    assert alias.lower() == "shop.example.com."
    assert set(values) == {"192.0.2.1", "192.0.2.2"}
    assert asked("nobody.example.com", "A")[0].rcode() == dns.rcode.NXDOMAIN
    assert asked("elsewhere.org", "A")[0].rcode() == dns.rcode.REFUSED


def test_what_does_not_fit_is_asked_for_by_tcp():
    said, values = asked("long.example.com", "TXT")
    assert values == []
    assert said.flags & dns.flags.TC
    assert len(asked("long.example.com", "TXT", most=65535)[1]) == 20


@pytest.mark.parametrize(("name", "type_"), [("bad", "MX"), ("worse", "CAA")])
def test_a_value_that_is_none_has_an_answer_too(name, type_):
    said, values = asked(f"{name}.example.com", type_)
    assert (said.rcode(), values) == (dns.rcode.SERVFAIL, [])


def test_what_is_no_question_has_no_answer():
    for bad in (b"", b"x", b"\0" * 11, bytes(range(40))):
        assert reply(bad, WORLD, 512) == b""
