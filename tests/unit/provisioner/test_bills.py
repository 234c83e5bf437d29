"""Five bills, reckoned by hand from the shipped list of us-east-1, agree to the cent.

A month has 730 hours. Each address costs 730 x 0.005 = 3.65, each host's disk 10 x 0.08 = 0.80,
what is sent to users 10 x 0.09 = 0.90, each secret 0.40, each alarm 0.10.
A load balancer costs 730 x 0.0225 = 16.425, its two addresses 7.30, and a tenth of a capacity unit
730 x 0.1 x 0.008 = 0.584: 24.309 together.
"""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from autodeploy.contracts import TechStack
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.pricing.bill import Entry, bill
from autodeploy.provisioner.pricing.items import uses_of
from autodeploy.provisioner.pricing.pricelist import price_list
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

AROUND = Surroundings("10.0.0.0/16", ("us-east-1a", "us-east-1b"), "ssh-ed25519 AAAA")
BILLS = {
    # 730 x 0.0208 = 15.184; 15.184 + 3.65 + 0.80 + 0.90 = 20.534
    "one host": ("20.53", (), {}),
    # The host 20.534; the database 730 x 0.016 = 11.68, its disk 20 x 0.115 = 2.30, the secret of
    # its master and the application's own 0.80: 20.534 + 14.78 = 35.314
    "a host and PostgreSQL": ("35.31", ("postgresql",), {}),
    # Each host 730 x 0.0168 = 12.264, + 3.65 + 0.80 = 16.714, twice 33.428; the balancer 24.309;
    # sent 0.90; a certificate of AWS's costs nothing: 58.637
    "two hosts of arm64 with a domain": (
        "58.64",
        (),
        {"hosts": 2, "arch": "arm64", "domain": "shop.example.com"},
    ),
    # Each host 730 x 0.0416 = 30.368, + 4.45 = 34.818, three 104.454; the balancer 24.309;
    # MySQL 730 x 0.032 = 23.36, + 2.30 + 0.80 = 26.46; Redis 730 x 0.016 = 11.68, + 0.40 = 12.08;
    # alarms, one a host, four of the balancer, two of the database: 0.90; sent 0.90: 169.103
    "everything": (
        "169.10",
        ("mysql", "redis"),
        {
            "hosts": 3,
            "instance_type": "t3.medium",
            "database_class": "db.t4g.small",
            "alarms": ("ops@example.com",),
        },
    ),
    # 730 x 0.0816 = 59.568, + 4.45 = 64.018; Redis 12.08; sent 500 x 0.09 = 45: 121.098
    "a large host that sends much": (
        "121.10",
        ("redis",),
        {"instance_type": "m7g.large", "arch": "arm64", "usage": {"data_transfer_gb": 500}},
    ),
}


@pytest.mark.parametrize("name", BILLS)
def test_it_agrees_to_the_cent(name):
    expected, databases, said = BILLS[name]
    stack = TechStack(language="python", processes={"web": "run"}, databases=databases)
    if "instance_type" not in said:
        # Two processes of Python's need 1792 MiB: a `small`.
        stack = stack.model_copy(update={"processes": {"web": "run", "worker": "work"}})
    settings = Settings(target="aws", **said)
    wanted = desired(stack, settings, AROUND)
    entries = [Entry(one.key, one.type, uses_of(one, settings.usage)) for one in wanted]
    cost = bill(entries, settings.usage, price_list("us-east-1"))
    assert cost.unknown == ()
    assert cost.monthly.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(expected)
    assert sum(one.monthly for one in cost.resources) == cost.monthly
