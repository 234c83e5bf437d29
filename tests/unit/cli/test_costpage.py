"""What things cost, as people read it: what is not known is never a 0."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rich.console import Console

from autodeploy.cli import costpage
from autodeploy.contracts import Cost, CostChange, CostItem, ResourceCost, Suggestion


def item(what, quantity, price, **more):
    monthly = None if price is None else Decimal(quantity) * Decimal(price)
    return CostItem(what=what, quantity=quantity, unit="hour", price=price, monthly=monthly, **more)


def resource(key, *items, monthly):
    return ResourceCost(key=key, type=f"AWS::{key}", items=items, monthly=monthly)


HOST = resource("host-1", item("t3.small", "730", "0.0208"), monthly=Decimal("15.184"))
DATABASE = resource("database", item("mysql on db.x", "730", None), monthly=None)
STRANGE = resource("strange", monthly=None)
FREE = [resource(one, monthly=Decimal()) for one in ("vpc", "subnet")]


def cost(*resources, monthly, unknown=(), day=date(2025, 11, 4)):
    return Cost(
        region="eu-central-1",
        date=day,
        sources=(),
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
    assert "list prices of 2025-11-04" in shown


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
    assert costpage.total([nowhere]) == "not known"
    assert costpage.total([made, nowhere]) == "at least 15.18"


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


def test_a_plan_that_makes_it_less_says_so(capsys):
    change = CostChange(
        before=cost(HOST, monthly=Decimal("15.184")), after=cost(monthly=Decimal()), limit=None
    )
    shown = page(capsys, lambda console: costpage.show_change(change, console, is_lab=False))
    assert "now 15.18, then 0.00: -15.18 USD a month" in shown
    assert "refused" not in shown
