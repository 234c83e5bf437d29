"""AWS's price list is read whole or not at all."""

import copy
import json
from decimal import Decimal

import pytest

from autodeploy.errors import PricesRefused
from autodeploy.provisioner.pricing import products
from autodeploy.provisioner.pricing.products import fetched, listed
from autodeploy.provisioner.pricing.questions import ASKED, Asked

NODE = Asked("cache/{instanceType}", "AmazonElastiCache", "NodeUsage:.+", {})
SENT = Asked("transfer-out", "AWSDataTransfer", "DataTransfer-Out-Bytes", {})


def product(usage="EUC1-NodeUsage:cache.t4g.micro", *steps, kind="cache.t4g.micro"):
    steps = steps or (("0", "0.0190000000"),)
    dimensions = {
        f"code-{number}": {"unit": "Hrs", "beginRange": begin, "pricePerUnit": {"USD": usd}}
        for number, (begin, usd) in enumerate(steps)
    }
    return {
        "product": {"attributes": {"instanceType": kind, "usagetype": usage}},
        "terms": {"OnDemand": {"term": {"priceDimensions": dimensions}}},
    }


def test_what_is_alike_has_another_type_of_use():
    others = ("ExtendedSupportYr1_Yr2-NodeUsage:x", "APN2-ExtendedSupportYr3-NodeUsage:x", "Other")
    found = listed(NODE, [product(), *(product(one, ("0", "7")) for one in others)])
    assert found == {"cache/cache.t4g.micro": Decimal("0.019")}


def test_the_first_unit_that_is_paid_counts():
    tiers = [("10240", "0.085"), ("0", "0.0"), ("100", "0.09")]
    assert listed(SENT, [product("DataTransfer-Out-Bytes", *tiers)]) == {
        "transfer-out": Decimal("0.09")
    }


def spoilt(*path):
    """A product that lacks something."""
    made = copy.deepcopy(product())
    *above, last = path
    place = made
    for key in above:
        place = place[key]
    del place[last]
    return made


@pytest.mark.parametrize(
    "found",
    [
        [],
        [product("Other")],
        [product(), product("NodeUsage:x", ("0", "0.02"))],
        [spoilt("product")],
        [spoilt("product", "attributes", "usagetype")],
        [spoilt("product", "attributes", "instanceType")],
        [{**product(), "terms": None}],
        [{**product(), "terms": {"OnDemand": ["term"]}}],
        [product("NodeUsage:x", ("0", "a lot"))],
        [product("NodeUsage:x", ("x", "0.02"))],
        [product("NodeUsage:x", ("0", "0"))],
    ],
)
def test_anything_else_is_refused(found):
    with pytest.raises(ValueError, match=r"price|form"):
        listed(NODE, found)


def answered(monkeypatch, prices):
    """AWS says these prices, each product of the kind that is asked for."""

    def said(_cloud, service, fields):
        for one in ASKED:
            is_meant = one.service == service and one.fields.items() <= fields.items()
            if is_meant and one.name in prices:
                usage = one.usage.replace("\\", "").replace(".+", "x")
                yield product(usage, ("0", prices[one.name]), kind="t3.small")

    monkeypatch.setattr(products, "products", said)
    return fetched(None, "eu-west-1", lambda _line: None)


ALL = {one.name: "0.5" for one in ASKED}


def test_all_of_it_is_a_list(monkeypatch):
    found = answered(monkeypatch, ALL)
    assert found.region == "eu-west-1"
    assert found.price("instance/t3.small") == found.price("balancer-lcu") == Decimal("0.5")
    assert json.loads(found.model_dump_json())["sources"][0]["source"] == "AWS's Pricing API"


@pytest.mark.parametrize("lost", sorted(ALL))
def test_a_part_of_it_is_none(monkeypatch, lost):
    with pytest.raises(PricesRefused, match="is not in its form"):
        answered(monkeypatch, {name: one for name, one in ALL.items() if name != lost})


@pytest.mark.parametrize("price", ["-1", "NaN", "Infinity", "99999"])
def test_what_nobody_would_pay_is_refused(monkeypatch, price):
    with pytest.raises(PricesRefused):
        answered(monkeypatch, {**ALL, "secret": price})
