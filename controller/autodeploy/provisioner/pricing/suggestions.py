"""How an application would cost less: only what its settings can say, with what it saves. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from autodeploy.contracts import HOURS, Cost, ResourceCost, Suggestion, TechStack
from autodeploy.provisioner import sizing
from autodeploy.provisioner.database import DATABASE
from autodeploy.provisioner.kinds import Instance, LoadBalancer
from autodeploy.provisioner.kinds.secret import DATABASE_SECRET
from autodeploy.provisioner.pricing.pricelist import PriceList

GRAVITON = {"t3": "t4g", "t3a": "t4g", "m5": "m6g", "m6i": "m6g", "m7i": "m7g", "c6i": "c6g"}
"""Families of the same sizes by those with processors of Intel's and AMD's."""
FILE = "sqlite"


class Asked(NamedTuple):
    """What is known of an application.

    Attributes:
        stack: What it is made of, with what its settings say otherwise.
        arch: Its hosts' processor.
        instance_type: The type that its user has chosen; None where the stack decides.
        balancers: How many load balancers the account's applications have that are known here,
            with its own.
    """

    stack: TechStack
    arch: str
    instance_type: str | None
    balancers: int = 1


def suggestions(cost: Cost, asked: Asked, prices: PriceList) -> tuple[Suggestion, ...]:
    """What would save something, the most first.

    Args:
        cost: What it costs as it is, or would be.
        asked: What is known of it.
        prices: The region's.
    """
    found = (*_smaller(cost, asked, prices), *_arm(cost, asked, prices))
    found = (*found, *_balancer(cost, asked), *_database(cost, asked.stack))
    return tuple(sorted((one for one in found if one.saving > 0), key=lambda one: -one.saving))


def _hosts(cost: Cost) -> list[str]:
    """The types of the hosts that run."""
    return [
        item.what
        for one in cost.resources
        if one.type == Instance.type
        for item in one.items
        if item.unit == "hour" and "." in item.what
    ]


def _saved(hosts: list[str], instead: str, prices: PriceList) -> Decimal:
    """USD a month where all hosts had this type; nothing where a price is not known."""
    then, now = (
        prices.price(f"instance/{instead}"),
        [prices.price(f"instance/{one}") for one in hosts],
    )
    known = [one for one in now if one is not None]
    if then is None or len(known) < len(hosts):
        return Decimal()
    return HOURS * sum((one - then for one in known), Decimal())


def _smaller(cost: Cost, asked: Asked, prices: PriceList) -> Iterator[Suggestion]:
    needed = sizing.instance_type(asked.stack, asked.arch)
    hosts = [one for one in _hosts(cost) if one != needed]
    if asked.instance_type is None or not hosts:
        return
    yield Suggestion(
        what=f"{needed} has the memory that the application needs",
        saving=_saved(hosts, needed, prices),
        how=f"--instance-type {needed}",
    )


def _arm(cost: Cost, asked: Asked, prices: PriceList) -> Iterator[Suggestion]:
    hosts = _hosts(cost)
    families = {one.partition(".")[0] for one in hosts}
    if asked.arch != "amd64" or len(set(hosts)) != 1 or not families <= GRAVITON.keys():
        return
    family, _, size = hosts[0].partition(".")
    instead = f"{GRAVITON[family]}.{size}"
    chosen = f" --instance-type {instead}" if asked.instance_type else ""
    yield Suggestion(
        what=f"arm64: {instead} in place of {hosts[0]}, where the application and all that it "
        "needs can be built for it; hosts that exist are replaced",
        saving=_saved(hosts, instead, prices),
        how=f"--arch arm64{chosen}",
    )


def _balancer(cost: Cost, asked: Asked) -> Iterator[Suggestion]:
    balancer = next((one for one in cost.resources if one.type == LoadBalancer.type), None)
    if balancer is None or balancer.monthly is None:
        return
    if len(_hosts(cost)) == 1:
        yield Suggestion(
            what="no load balancer before a single host, which can have its own certificate",
            saving=balancer.monthly,
            how="--no-load-balancer",
        )
    elif asked.balancers > 1:
        yield Suggestion(
            what=f"one load balancer for the account's {asked.balancers} applications that have "
            "one each, told apart by their domains",
            saving=_fixed(balancer) * (asked.balancers - 1),
            how="--no-load-balancer, and a balancer of your own before all of their hosts",
        )


def _fixed(balancer: ResourceCost) -> Decimal:
    """What it costs however much it does."""
    return sum(
        (one.monthly for one in balancer.items if one.monthly and not one.assumed), Decimal()
    )


def _database(cost: Cost, stack: TechStack) -> Iterator[Suggestion]:
    parts = [one for one in cost.resources if one.key in {DATABASE, DATABASE_SECRET}]
    known = [one.monthly for one in parts if one.monthly is not None]
    if not parts or len(known) < len(parts) or len(_hosts(cost)) > 1 or not _has_file(stack):
        return
    yield Suggestion(
        what="no managed database: the application opens SQLite too, which serves a single host "
        "with its file below /srv/APP/shared",
        saving=sum(known, Decimal()),
        how="--no-database",
    )


def _has_file(stack: TechStack) -> bool:
    return any((one.fact, one.value) == ("databases", FILE) for one in stack.evidence)
