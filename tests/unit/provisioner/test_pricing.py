"""What is paid for, what is not known, and what is suggested."""

import json
from decimal import Decimal
from importlib.resources import files

import pytest

from autodeploy.contracts import Cost, CostChange, Evidence, TechStack
from autodeploy.errors import CostRefused, StateError, UsageError
from autodeploy.provisioner.pricing.bill import Entry, bill, monthly
from autodeploy.provisioner.pricing.estimate import refuse_dear
from autodeploy.provisioner.pricing.items import uses_in
from autodeploy.provisioner.pricing.pricelist import PriceList, price_list, refreshed, write
from autodeploy.provisioner.pricing.suggestions import Asked, suggestions
from autodeploy.settings import Usage

VIRGINIA = price_list("us-east-1")
HOST = "AWS::EC2::Instance"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
DATABASE, SNAPSHOT = "AWS::RDS::DBInstance", "AWS::RDS::DBSnapshot"
PYTHON = TechStack(language="python", processes={"web": "run"})


def host(kind="t3.small", state="running"):
    record = {"State": {"Name": state}, "InstanceType": kind}
    return {**record, **({"PublicIpAddress": "192.0.2.1"} if state == "running" else {})}


def database(**otherwise):
    record = {"Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "StorageType": "gp3"}
    return {**record, "AllocatedStorage": 20, "DBInstanceStatus": "available", **otherwise}


def cost_of(*records, prices=VIRGINIA, usage=None):
    assumed = usage or Usage()
    entries = [
        Entry(f"{kind.rpartition(':')[2]}-{number}", kind, uses_in(kind, record, assumed))
        for number, (kind, record) in enumerate(records, 1)
    ]
    return bill(entries, assumed, prices)


@pytest.mark.parametrize(
    ("kind", "record", "expected"),
    [
        (HOST, host(), "19.634"),
        (HOST, host(state="stopped"), "0.80"),
        (DATABASE, database(), "13.98"),
        (DATABASE, database(DBInstanceStatus="stopped"), "2.30"),
        (DATABASE, database(AllocatedStorage=100, MasterUserSecret={}), "23.58"),
        (SNAPSHOT, {"AllocatedStorage": 20}, "1.90"),
        ("AWS::EC2::Volume", {"VolumeType": "gp3", "Size": 50, "Iops": 3000}, "4.00"),
        ("AWS::EC2::VPC", {}, "0"),
    ],
)
def test_of_what_exists_only_what_is_paid_for_counts(kind, record, expected):
    assert monthly(kind, record, VIRGINIA) == Decimal(expected)


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (HOST, host("x1e.32xlarge")),
        (DATABASE, database(Engine="oracle")),
        (DATABASE, database(MultiAZ=True)),
        (DATABASE, database(StorageType="io1")),
        (SNAPSHOT, {}),
        ("AWS::EC2::Volume", {"VolumeType": "gp3", "Size": 50, "Iops": 9000}),
        ("AWS::EC2::NatGateway", {}),
    ],
)
def test_what_is_not_known_is_never_nothing(kind, record):
    assert monthly(kind, record, VIRGINIA) is None
    cost = cost_of((kind, record))
    assert cost.unknown == (f"{kind.rpartition(':')[2]}-1",)
    assert cost.monthly != 0


def test_a_region_without_prices_has_no_sum():
    nowhere = price_list("xx-nowhere-1")
    cost = cost_of((HOST, host()), ("AWS::EC2::VPC", {}), prices=nowhere)
    assert (cost.monthly, cost.hourly, cost.date) == (None, None, None)
    assert cost_of(("AWS::EC2::VPC", {}), prices=nowhere).monthly == 0
    assert cost_of(prices=nowhere).monthly == 0


def test_what_is_known_of_it_is_in_the_sum():
    cost = cost_of((HOST, host()), (DATABASE, database(Engine="oracle")))
    assert cost.unknown == ("DBInstance-2",)
    assert cost.monthly == Decimal("19.634") + Decimal("2.30") + Decimal("0.90")


def test_what_is_assumed_is_said():
    record = {"AvailabilityZones": [{}, {}]}
    cost = cost_of((HOST, host()), (BALANCER, record), (DATABASE, database()))
    assumed = {
        item.what: item.quantity for one in cost.resources for item in one.items if item.assumed
    }
    assert assumed == {"capacity units (LCU)": 73, "sent to the internet": 10}
    more = Usage(data_transfer_gb=0, lcu=0, backup_gb=5)
    none = cost_of((HOST, host()), (BALANCER, record), (DATABASE, database()), usage=more)
    assert none.monthly == cost.monthly - Decimal("0.90") - Decimal("0.584") + Decimal("0.475")


def test_each_shipped_list_says_of_each_price_once_where_it_is_from():
    lists = list(files("autodeploy.provisioner").joinpath("data/prices").iterdir())
    assert len(lists) >= 30
    for one in lists:
        prices = PriceList.model_validate_json(one.read_text())
        assert prices.region == one.name.removesuffix(".json")
        names = [name for source in prices.sources for name in source.prices]
        assert len(names) == len(set(names))
        assert {"instance/t3.small", "instance/t4g.small", "address", "alarm"} <= set(names)


@pytest.mark.parametrize("region", ["../../etc/passwd", "", "us-east-1/", "US-EAST-1"])
def test_what_is_no_region_is_no_file(region):
    with pytest.raises(UsageError, match="is no region"):
        price_list(region)


def test_a_refreshed_list_wins_and_a_spoilt_one_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path))
    dearer = VIRGINIA.sources[0].model_copy(update={"prices": {"address": Decimal("9")}})
    path = write(PriceList(region="us-east-1", sources=(dearer,)))
    assert price_list("us-east-1").price("address") == 9
    assert price_list("us-east-1").price("instance/t3.small") is None
    assert price_list("eu-west-1").price("address") == Decimal("0.005")
    for spoilt in ("{", "[]", path.read_text().replace('"region": "us', '"region": "eu')):
        refreshed("us-east-1").write_text(spoilt)
        with pytest.raises(StateError, match="no list of prices"):
            price_list("us-east-1")
    refreshed("us-east-1").unlink()
    refreshed("us-east-1").mkdir()
    with pytest.raises(StateError, match="no regular file") as caught:
        price_list("us-east-1")
    assert "refresh" not in caught.value.remediation
    of_nothing = json.loads(VIRGINIA.model_dump_json())
    of_nothing["sources"][0]["prices"]["instance/t3.small"] = "0"
    with pytest.raises(ValueError, match="greater than 0"):
        PriceList.model_validate(of_nothing)


def test_a_spoilt_price_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path))
    spoilt = json.loads(VIRGINIA.model_dump_json())
    spoilt["sources"][0]["prices"] |= {"instance/t3.small": "cheap", "b c": "1"}
    path = write(PriceList(region="us-east-1"))
    path.write_text(json.dumps(spoilt))
    with pytest.raises(StateError) as caught:
        price_list("us-east-1")
    assert "sources/0/prices/instance/t3.small: " in caught.value.cause
    assert ", not 'cheap'" in caught.value.cause
    assert "sources/0/prices/b c" in caught.value.cause
    spoilt["sources"][0]["prices"] = {f"no {one}": "1" for one in range(50)}
    path.write_text(json.dumps(spoilt))
    with pytest.raises(StateError) as caught:
        price_list("us-east-1")
    assert caught.value.cause.splitlines()[-1] == "and 45 more"


def said(cost, **asked):
    known = Asked(**{"stack": PYTHON, "arch": "amd64", "instance_type": None, **asked})
    return {one.how: one.saving for one in suggestions(cost, known, VIRGINIA)}


def test_savings_are_those_of_the_list():
    two = cost_of((HOST, host()), (HOST, host()))
    arm = 2 * 730 * (Decimal("0.0208") - Decimal("0.0168"))
    assert said(two) == {"--arch arm64": arm}
    assert said(two, arch="arm64") == {}
    large = cost_of((HOST, host("m6i.large")))
    assert said(large, instance_type="m6i.large") == {
        "--instance-type t3.small": 730 * (Decimal("0.096") - Decimal("0.0208")),
        "--arch arm64 --instance-type m6g.large": 730 * (Decimal("0.096") - Decimal("0.077")),
    }
    assert said(cost_of((HOST, host("x1e.32xlarge"))), instance_type="x1e.32xlarge") == {}


def test_a_balancer_is_suggested_away_where_it_is_not_needed_or_not_alone():
    balancer = (BALANCER, {"AvailabilityZones": [{}, {}]})
    one = said(cost_of((HOST, host("t4g.small")), balancer), arch="arm64")
    assert one == {"--no-load-balancer": Decimal("24.309")}
    several = cost_of((HOST, host("t4g.small")), (HOST, host("t4g.small")), balancer)
    assert said(several, arch="arm64") == {}
    (saved,) = said(several, arch="arm64", balancers=3).values()
    assert saved == 2 * Decimal("23.725")


def test_a_database_is_suggested_away_where_sqlite_is_opened_too():
    entries = [
        Entry("host-1", HOST, uses_in(HOST, host("t4g.small"), Usage())),
        Entry("database", DATABASE, uses_in(DATABASE, database(), Usage())),
    ]
    cost = bill(entries, Usage(), VIRGINIA)
    assert said(cost, arch="arm64") == {}
    opened = Evidence(fact="databases", value="sqlite", file="app.py", line=3)
    stack = PYTHON.model_copy(update={"evidence": (opened,)})
    assert said(cost, arch="arm64", stack=stack) == {"--no-database": Decimal("13.98")}


def change(before, after, limit):
    cost = {"region": "r", "date": None, "sources": (), "usage": {}, "resources": ()}
    made = [
        Cost(**cost, monthly=one, hourly=None, unknown=("disk",))
        for one in map(Decimal, (before, after))
    ]
    return CostChange(before=made[0], after=made[1], limit=limit and Decimal(limit))


def test_only_what_makes_it_dearer_than_the_limit_is_refused():
    for fine in (
        change(0, 50, "50"),
        change(0, 60, None),
        change(70, 60, "50"),
        change(60, 60, "50"),
    ):
        refuse_dear(fine)
    with pytest.raises(CostRefused) as refused:
        refuse_dear(change("10.004", "50.01", "50"))
    assert "50.01 USD a month, and the limit is 50.00" in refused.value.message
    assert "now costs 10.00" in refused.value.cause
    assert "disk" in refused.value.cause


def test_it_survives_a_file():
    cost = cost_of((HOST, host()), (DATABASE, database(Engine="oracle")))
    made = CostChange(before=cost, after=cost, limit=Decimal("0.1"))
    assert CostChange.model_validate_json(made.model_dump_json()) == made
