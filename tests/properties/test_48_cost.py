"""The cost is monotone in every resource, and what is not known is never nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import TechStack
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.pricing.bill import Entry, bill
from autodeploy.provisioner.pricing.items import uses_of
from autodeploy.provisioner.pricing.pricelist import PriceList, Source, price_list
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

pytestmark = pytest.mark.property

AROUND = Surroundings("10.0.0.0/16", ("us-east-1a", "us-east-1b"), "ssh-ed25519 AAAA")
SHIPPED = price_list("us-east-1")
TYPES = ["micro", "small", "medium", "large", "xlarge", "2xlarge"]
LADDERS = {
    "instance_type": [f"t3.{one}" for one in TYPES],
    "database_class": [f"db.t4g.{one}" for one in TYPES[:4]],
    "cache_type": [f"cache.t4g.{one}" for one in TYPES[:3]],
    "hosts": list(range(1, 8)),
    "load_balancer": [False, True],
    "alarms": [(), ("ops@example.com",)],
    "databases": [(), ("redis",), ("mysql", "redis")],
    "data_transfer_gb": [0, 0.1, 10, 5000],
    "lcu": [0, 0.1, 1, 25],
    "backup_gb": [0, 0.5, 20],
}
"""What can be asked for, each list from the least to the most."""
USAGE = {"data_transfer_gb", "lcu", "backup_gb"}
asked = st.fixed_dictionaries(
    {name: st.integers(0, len(steps) - 1) for name, steps in LADDERS.items()}
)


@st.composite
def lists(draw):
    """The shipped list without some of its prices, which makes other ones unknown."""
    lost = draw(st.sets(st.sampled_from([*_all_prices()]), max_size=8))
    kept = {name: one for name, one in _all_prices().items() if name not in lost}
    source = SHIPPED.sources[0]
    return PriceList(
        region="us-east-1", sources=(Source(date=source.date, source="-", prices=kept),)
    )


def _all_prices():
    return {name: one for source in SHIPPED.sources for name, one in source.prices.items()}


def cost(places, prices=SHIPPED):
    said = {name: LADDERS[name][place] for name, place in places.items()}
    usage = {name: said.pop(name) for name in USAGE}
    databases = said.pop("databases")
    stack = TechStack(language="python", processes={"web": "run"}, databases=databases)
    settings = Settings(target="aws", usage=usage, **said)
    wanted = desired(stack, settings, AROUND)
    entries = [Entry(one.key, one.type, uses_of(one, settings.usage)) for one in wanted]
    return bill(entries, settings.usage, prices), entries


@given(asked, st.sampled_from(sorted(LADDERS)), lists())
def test_more_of_anything_never_costs_less(places, more, prices):
    least = {**places, more: 0}
    steps = [cost({**least, more: place}, prices)[0] for place in range(len(LADDERS[more]))]
    if more in {"instance_type", "database_class", "cache_type"} and any(
        step.unknown != steps[0].unknown for step in steps
    ):
        # Of two types, one unknown, neither sum is whole: then nothing can be said of them.
        return
    sums = [step.monthly for step in steps if step.monthly is not None]
    assert sums == sorted(sums)


@given(asked, lists())
def test_the_sum_is_that_of_its_parts_and_nothing_unknown_is_in_it(places, prices):
    made, entries = cost(places, prices)
    known = _all_prices().keys() & {name for one in prices.sources for name in one.prices}
    expected, lost = Decimal(), set()
    for one in entries:
        for use in one.uses:
            if use.price in known:
                expected += use.quantity * prices.price(use.price)
            else:
                lost.add(one.key)
    sent = next((one for one in made.resources if one.key == "data transfer"), None)
    if sent and sent.monthly is None:
        lost.add(sent.key)
    expected += (sent.monthly or 0) if sent else 0
    assert set(made.unknown) == lost
    assert made.monthly == expected or (made.monthly is None and expected == 0)
    for one in made.resources:
        for item in one.items:
            assert item.monthly is None or item.monthly > 0
            assert (item.monthly is None) == (item.price is None)
