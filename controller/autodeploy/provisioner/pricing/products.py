"""AWS's price list, as its API says it → our list of a region's prices."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from autodeploy.aws import Cloud, products
from autodeploy.errors import PricesRefused
from autodeploy.provisioner.pricing.pricelist import PriceList, Source
from autodeploy.provisioner.pricing.questions import ASKED, Asked

Product = Mapping[str, Any]
SOURCE = "AWS's Pricing API"
WHERE = r"([A-Z]{2,4}[0-9]?-)?"
"""How types of use begin outside of the first region."""


def fetched(cloud: Cloud, region: str, say: Callable[[str], None]) -> PriceList:
    """All prices of a region, as AWS has them now.

    Args:
        cloud: Whose credentials are used.
        region: The region.
        say: Told what is asked.

    Raises:
        PricesRefused: What AWS says is no whole list.
        CloudError: AWS could not be asked.
    """
    prices: dict[str, Decimal] = {}
    for one in ASKED:
        say(f"asking {one.service} for {one.name}")
        fields = {**one.fields, one.place: region}
        try:
            prices.update(listed(one, products(cloud, one.service, fields)))
        except ValueError as error:
            raise PricesRefused(
                f"AWS's price list of {one.service} in {region} is not in its form",
                cause=str(error),
            ) from error
    try:
        today = datetime.datetime.now(datetime.UTC).date()
        source = Source(date=today, source=SOURCE, prices=prices)
        return PriceList(region=region, sources=(source,))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/".join(map(str, first["loc"]))
        raise PricesRefused(
            f"AWS's prices in {region} are not to be believed", cause=f"{where}: {first['msg']}"
        ) from error


def listed(asked: Asked, found: Iterable[Product]) -> dict[str, Decimal]:
    """The prices that answer a question. Pure.

    Args:
        asked: The question.
        found: The products that AWS has named.

    Raises:
        ValueError: There is none, two differ, or a product is not in its form.
    """
    prices: dict[str, Decimal] = {}
    for product in found:
        for name, price in _prices(asked, product):
            if prices.setdefault(name, price) != price:
                raise ValueError(f"{name} has two prices, {prices[name]} and {price}")
    if not prices:
        raise ValueError(f"there is no price of {asked.name}")
    return prices


def _prices(asked: Asked, product: Product) -> Iterator[tuple[str, Decimal]]:
    try:
        attributes = product["product"]["attributes"]
        if not re.fullmatch(WHERE + asked.usage, str(attributes["usagetype"])):
            return
        name = asked.name.format_map(attributes)
        terms = product["terms"].get("OnDemand", {}).values()
        steps = [step for term in terms for step in term["priceDimensions"].values()]
        price = _first([step for step in steps if "USD" in step["pricePerUnit"]])
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError(f"a product is not in its form: {error!r}") from error
    if price:
        yield name, price


def _first(steps: list[Mapping[str, Any]]) -> Decimal | None:
    """The price of the first unit that is not free; None where nothing is paid."""
    ranges = {Decimal(str(one["beginRange"])): one["pricePerUnit"]["USD"] for one in steps}
    prices = (Decimal(str(ranges[begin])) for begin in sorted(ranges))
    return next((one for one in prices if one != 0), None)
