"""AWS's price list, as its API says it → our list of a region's prices."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from autodeploy.aws import Cloud, products
from autodeploy.errors import PricesRefused
from autodeploy.provisioner.pricing.pricelist import PriceList, Source

Product = Mapping[str, Any]
SOURCE = "AWS's Pricing API"
WHERE = r"([A-Z]{2,4}[0-9]?-)?"
"""How types of use begin outside of the first region."""


@dataclass(frozen=True)
class Asked:
    """A question to the price list.

    Attributes:
        name: Of the price, with attributes of the product in braces.
        service: The price list's code of the service.
        usage: How the type of use must look: what is alike (extended support, reserved
            capacity) has other names.
        fields: What else the product must have.
        place: The attribute that names the region.
    """

    name: str
    service: str
    usage: str
    fields: Mapping[str, str]
    place: str = "regionCode"


LINUX = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
ALONE = {"deploymentOption": "Single-AZ"}
ENGINES = {"postgres": "PostgreSQL", "mysql": "MySQL"}
ASKED = (
    Asked("instance/{instanceType}", "AmazonEC2", "BoxUsage:.+", LINUX),
    Asked("disk/gp3", "AmazonEC2", r"EBS:VolumeUsage\.gp3", {"volumeApiName": "gp3"}),
    Asked("address", "AmazonVPC", "PublicIPv4:InUseAddress", {"group": "VPCPublicIPv4Address"}),
    *(
        Asked(
            f"database/{engine}/{{instanceType}}",
            "AmazonRDS",
            "InstanceUsage:.+",
            {**ALONE, "databaseEngine": said},
        )
        for engine, said in ENGINES.items()
    ),
    Asked(
        "database-storage/gp3",
        "AmazonRDS",
        "RDS:GP3-Storage",
        {**ALONE, "volumeType": "General Purpose-GP3", "databaseEngine": "PostgreSQL"},
    ),
    Asked(
        "database-backup",
        "AmazonRDS",
        "RDS:ChargedBackupUsage",
        {"productFamily": "Storage Snapshot", "databaseEngine": "PostgreSQL"},
    ),
    Asked("cache/{instanceType}", "AmazonElastiCache", "NodeUsage:.+", {"cacheEngine": "Redis"}),
    *(
        Asked(name, "AWSELB", usage, {"productFamily": "Load Balancer-Application"})
        for name, usage in {"balancer": "LoadBalancerUsage", "balancer-lcu": "LCUUsage"}.items()
    ),
    Asked("secret", "AWSSecretsManager", "AWSSecretsManager-Secrets", {"productFamily": "Secret"}),
    Asked(
        "alarm",
        "AmazonCloudWatch",
        "CW:AlarmMonitorUsage",
        {"productFamily": "Alarm"},
    ),
    Asked(
        "transfer-out",
        "AWSDataTransfer",
        "DataTransfer-Out-Bytes",
        {"transferType": "AWS Outbound", "toLocation": "External"},
        place="fromRegionCode",
    ),
)
"""Each gives one price, or with braces one for each kind of product. What is kept of a database on
a disk costs the same with both engines."""


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
