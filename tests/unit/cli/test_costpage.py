"""What things cost, as people read it: what is not known is never a 0."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from rich.console import Console

from autodeploy.cli import costpage
from autodeploy.contracts import Cost, CostChange, CostItem, ResourceCost, Suggestion, costwords


def item(what, quantity, price, **more):
    monthly = None if price is None else Decimal(quantity) * Decimal(price)
    return CostItem(what=what, quantity=quantity, unit="hour", price=price, monthly=monthly, **more)


def resource(key, *items, monthly):
    return ResourceCost(key=key, type=f"AWS::{key}", items=items, monthly=monthly)


HOST = resource("host-1", item("t3.small", "730", "0.0208"), monthly=Decimal("15.184"))
DATABASE = resource("database", item("mysql on db.x", "730", None), monthly=None)
STRANGE = resource("strange", monthly=None)
FREE = [resource(one, monthly=Decimal()) for one in ("vpc", "subnet")]


SOURCES = ("AWS's public price list of EC2 on demand: Linux, 2025-11-04",)


def cost(*resources, monthly, unknown=(), day=date(2025, 11, 4), sources=SOURCES):
    return Cost(
        region="eu-central-1",
        date=day,
        sources=sources if day else (),
        usage={"data_transfer_gb": 10, "lcu": 0.1, "backup_gb": 0},
        resources=resources,
        monthly=monthly,
        hourly=None if monthly is None else monthly / 730,
        unknown=unknown,
    )


def page(capsys, show):
    show(Console(highlight=False, width=120))
    return capsys.readouterr().out


def test_each_thing_has_its_line_and_what_is_free_one_together(capsys):
    made = cost(HOST, *FREE, monthly=Decimal("15.184"))
    shown = page(capsys, lambda console: costpage.show(made, console))
    (line,) = [one for one in shown.splitlines() if "host-1" in one]
    assert line.split() == ["host-1", "t3.small", "730", "hour", "0.0208", "15.18", "0.0208"]
    assert "2 resources of no charge" in shown
    assert "\n  15.18 USD a month\n" in shown
    assert "assumed: 10 GB are sent to users in a month" in shown
    assert "prices: eu-central-1, without taxes; AWS's lists of 2025-11-04\n" in shown


def test_what_is_not_known_is_said_and_no_zero(capsys):
    made = cost(HOST, DATABASE, STRANGE, monthly=Decimal("15.184"), unknown=("database", "strange"))
    shown = page(capsys, lambda console: costpage.show(made, console))
    for key in ("database", "strange"):
        (line,) = [one for one in shown.splitlines() if one.startswith(f"  {key} ")]
        assert "not known" in line
        assert "0.0" not in line
    assert "at least 15.18 USD a month" in shown
    assert "(no price known): database, strange" in shown
    nowhere = cost(DATABASE, monthly=None, unknown=("database",), day=None)
    shown = page(capsys, lambda console: costpage.show(nowhere, console))
    assert "not known USD a month" not in shown
    assert "no prices are known in eu-central-1: `autodeploy prices refresh`" in shown
    assert costwords.total([nowhere]) == "not known"
    assert costwords.total([made, nowhere]) == "at least 15.18"


def test_a_plan_says_what_is_more_and_whether_it_is_refused(capsys):
    change = CostChange(
        before=cost(monthly=Decimal()),
        after=cost(HOST, monthly=Decimal("15.184")),
        limit=Decimal(15),
        suggestions=(Suggestion(what="less", saving=Decimal("2.92"), how="--arch arm64"),),
    )
    shown = page(capsys, lambda console: costpage.show_change(change, console, is_lab=True))
    assert "cost in a month on AWS; the lab itself costs nothing" in shown
    assert "now 0.00, then 15.18: +15.18 USD a month" in shown
    assert "a deployment would be refused: the limit is 15.00 USD a month" in shown
    assert "2.92 USD a month less: less: --arch arm64" in shown
    data = costpage.change_data(change)
    assert (data["difference"], data["refused"]) == (15.18, True)
    assert data["after"]["resources"][0]["monthly"] == 15.184


def test_old_prices_are_named_and_stand_for_no_others(capsys):
    more = ("AWS's public price page of EBS, 2021-07-14", "Somebody, 2023-01-01")
    made = cost(HOST, monthly=Decimal("15.184"), day=date(2021, 7, 14), sources=(*SOURCES, *more))
    shown = page(capsys, lambda console: costpage.show(made, console))
    assert "AWS's lists of 2025-11-04, 2023-01-01 (Somebody), 2021-07-14 (EBS)\n" in shown


def test_where_nothing_is_nothing_is_said_of_prices(capsys):
    empty = cost(monthly=Decimal(), day=None)
    shown = page(capsys, lambda console: costpage.show(empty, console))
    assert shown == "  0.00 USD a month\n  nothing is there that costs\n"


@pytest.mark.parametrize(
    ("before", "after", "said", "how"),
    [
        ((5, ()), (20, ()), ": +15.00 USD a month\n", "exact"),
        ((0, ()), (20, ("x",)), ": at least +20.00 USD a month\n", "at least"),
        ((20, ()), (5, ("x",)), ": -15.00 USD a month at the most\n", "at least"),
        ((5, ("x",)), (20, ("x",)), ": +15.00 USD a month of what is known\n", "of what is known"),
        ((5, ("x",)), (20, ()), ": +15.00 USD a month of what is known\n", "of what is known"),
    ],
)
def test_a_difference_is_no_more_exact_than_its_sums(capsys, before, after, said, how):
    sums = (cost(HOST, monthly=Decimal(one), unknown=some) for one, some in (before, after))
    change = CostChange(**dict(zip(("before", "after"), sums, strict=True)))
    shown = page(capsys, lambda console: costpage.show_change(change, console, is_lab=False))
    assert said in shown
    assert costpage.change_data(change)["difference_is"] == how


def test_a_plan_that_makes_it_less_says_so(capsys):
    change = CostChange(
        before=cost(HOST, monthly=Decimal("15.184")), after=cost(monthly=Decimal()), limit=None
    )
    shown = page(capsys, lambda console: costpage.show_change(change, console, is_lab=False))
    assert "now 15.18, then 0.00: -15.18 USD a month" in shown
    assert "refused" not in shown
