"""What a plan says of the cost is what it is then; a limit lets nothing be made."""

from decimal import Decimal

import pytest

import moto_api
from autodeploy import provisioner
from autodeploy.contracts import TechStack
from autodeploy.errors import CostRefused
from autodeploy.provisioner.pricing import price_list, write
from autodeploy.settings import Settings, Usage

pytestmark = pytest.mark.slow
STACK = TechStack(language="python", processes={"web": "run"}, databases=("mysql", "redis"))
ALARMS = ("ops@example.com",)


@pytest.fixture
def prices(monkeypatch, tmp_path):
    """The region of these tests has the prices of the one of which all are known."""
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    made = price_list("us-east-1").model_copy(update={"region": moto_api.REGION})
    write(made)
    return made


@pytest.fixture
def up(controller, prices):
    controller.stack = STACK
    controller.settings = Settings(target="lab", hosts=2, alarms=ALARMS)
    return controller


def estimated(one, **how):
    given = (one.stack, one.settings, one.cloud, one.owner, one.keys)
    return provisioner.plan(*given, **how)[1]


def now(one, prices):
    return provisioner.cost_of(one.cloud, one.owner, (), (), Usage(), prices)


def shown(cost):
    return {one.key: (one.type, one.monthly, set(one.items)) for one in cost.resources}


def test_the_bill_is_the_same_line_by_line_whoever_asks(up, prices):
    foreseen = estimated(up).after
    up.provision()
    assert estimated(up).after.resources == now(up, prices).resources == foreseen.resources


def test_the_prediction_is_the_cost_and_what_changes_nothing_costs_nothing_more(up, prices):
    before = estimated(up)
    assert before.before.resources == ()
    assert before.difference == before.after.monthly > 90
    up.provision()
    up.cloud.calls.clear()
    after = estimated(up)
    assert moto_api.writes(up.cloud) == []
    assert after.difference == 0
    assert shown(after.before) == shown(after.after) == shown(now(up, prices))
    assert shown(before.after) == shown(now(up, prices))
    assert before.after.monthly == now(up, prices).monthly


def test_of_what_is_stopped_the_disk_is_paid_and_it_is_started_again(up, prices):
    up.settings = Settings(target="lab")
    up.provision()
    (host,) = moto_api.of("AWS::EC2::Instance")
    moto_api.client().stop_instances(InstanceIds=[host["InstanceId"]])
    change = estimated(up)
    assert shown(now(up, prices))["host-1"][1] == Decimal("0.80")
    assert change.difference == Decimal("15.184") + Decimal("3.65") + Decimal("0.90")


def test_what_goes_costs_nothing_more_but_a_databases_last_snapshot(up, prices):
    up.provision()
    up.stack = TechStack(language="python", processes={"web": "run"})
    up.settings = Settings(target="lab", load_balancer=False)
    kept = estimated(up)
    assert {"database", "database-secret"} <= {one.key for one in kept.after.resources}
    change = estimated(up, yes_data=True)
    assert not {"database", "cache", "load-balancer", "host-2"} & shown(change.after).keys()
    up.provision(yes_data=True)
    there = now(up, prices)
    assert there.monthly == change.after.monthly
    assert [one.monthly for one in there.resources if "DBSnapshot" in one.type] == [Decimal("1.90")]


def test_beyond_the_limit_nothing_is_made(up):
    dear = estimated(up).after.monthly
    up.settings = up.settings.model_copy(update={"max_monthly_cost": float(dear) - 0.01})
    assert estimated(up).is_refused
    up.cloud.calls.clear()
    with pytest.raises(CostRefused, match="nothing was made"):
        up.provision()
    assert moto_api.writes(up.cloud) == []
    up.settings = up.settings.model_copy(update={"max_monthly_cost": float(dear)})
    up.provision()
    up.settings = up.settings.model_copy(update={"max_monthly_cost": 1.0})
    up.provision()  # What is there already is no dearer than it was.


def test_another_size_is_paid_from_then_on(up):
    up.settings = Settings(target="lab", instance_type="t3.small")
    up.provision()
    up.settings = Settings(target="lab", instance_type="t3.medium", database_class="db.t4g.small")
    change = estimated(up)
    assert change.difference == 730 * (Decimal("0.0208") + Decimal("0.016"))
