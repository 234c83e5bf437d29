"""The price list, for what the lab creates: `pricing:GetProducts` without moto."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.protocol import Refusal

ACTION = "pricing:GetProducts"
ON_DEMAND, RATE = "JRTCKXETXF", "6YS6EN2CT7"  # AWS's own codes of the term and the rate
LINUX = {
    "operatingSystem": "Linux",
    "preInstalledSw": "NA",
    "tenancy": "Shared",
    "capacitystatus": "Used",
    "licenseModel": "No License required",
    "marketoption": "OnDemand",
}
ENGINES = {
    "PostgreSQL": "CreateDBInstance:0014",
    "MariaDB": "CreateDBInstance:0018",
    "MySQL": "CreateDBInstance:0002",
}
MAX_PAGE = 100
TRANSFER = "AWSDataTransfer"
"""The service whose products are between places."""


def pricing(call: Call, following: Next) -> Response:
    """The layer that answers what things cost."""
    if not call.action.startswith("pricing:"):
        return following(call)
    if call.action != ACTION:
        refusal = Refusal(code="InvalidParameterException", message="The lab knows GetProducts.")
        return protocol.refuse(call, refusal)
    asked = protocol.parameters(call)
    wanted = {one["Field"]: one["Value"] for one in asked.get("Filters", ())}
    found = [json.dumps(one) for one in products() if _fits(one, asked["ServiceCode"], wanted)]
    start, page = int(asked.get("NextToken") or 0), min(asked.get("MaxResults", MAX_PAGE), MAX_PAGE)
    more = {"NextToken": str(start + page)} if len(found) > start + page else {}
    listed = {"FormatVersion": "aws_v1", "PriceList": found[start : start + page], **more}
    return protocol.answer(call, listed)


def _fits(product: Mapping[str, Any], service: str, wanted: Mapping[str, str]) -> bool:
    there = {
        **product["product"]["attributes"],
        "productFamily": product["product"]["productFamily"],
    }
    fields = {key.lower(): value.lower() for key, value in there.items()}
    return product["serviceCode"] == service and all(
        fields.get(key.lower()) == value.lower() for key, value in wanted.items()
    )


@functools.cache
def products() -> tuple[Mapping[str, Any], ...]:
    """The whole list, each product in AWS's form."""
    table = json.loads(files(__package__).joinpath("prices.json").read_text(encoding="utf-8"))
    return tuple(_products(table))


def _products(table: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for place, region in enumerate(table["regions"]):
        for service, family, unit, price, attributes in _rows(table, place, region):
            usage = table["usage"][region] + attributes["usagetype"]
            of = (service, family, unit, price, table["date"])
            yield _product(*of, attributes={**attributes, "usagetype": usage})


Row = tuple[str, str, str, float, dict[str, str]]
"""Service, family, unit, price, attributes."""


def _rows(table: Mapping[str, Any], place: int, region: str) -> Iterator[Row]:
    location = table["regions"][region]
    where = {"regionCode": region, "location": location, "locationType": "AWS Region"}
    for kind, (cores, memory, *prices) in table["instances"].items():
        size = {"instanceType": kind, "vcpu": str(cores), "memory": memory}
        said = {**where, **size, **LINUX, "operation": "RunInstances"}
        of = ("AmazonEC2", "Compute Instance", "Hrs", prices[place])
        yield *of, {**said, "usagetype": f"BoxUsage:{kind}"}
    for kind, (cores, memory, *prices) in table["databases"].items():
        size = {"instanceType": kind, "vcpu": str(cores), "memory": memory}
        for engine, operation in ENGINES.items():
            said = {**where, **size, "databaseEngine": engine, "operation": operation}
            said |= {"deploymentOption": "Single-AZ", "usagetype": f"InstanceUsage:{kind}"}
            yield "AmazonRDS", "Database Instance", "Hrs", prices[place], said
    for one in table["others"]:
        here = where
        if one["service"] == TRANSFER:
            here = {"fromRegionCode": region, "fromLocation": location}
        of = (one["service"], one["family"], one["unit"], one["prices"][place])
        yield *of, {**here, **one["attributes"]}


def _product(
    service: str, family: str, unit: str, price: float, date: str, *, attributes: dict[str, str]
) -> Mapping[str, Any]:
    named = json.dumps([service, family, unit, attributes], sort_keys=True)
    sku = hashlib.sha256(named.encode()).hexdigest()[:16].upper()
    term, rate = f"{sku}.{ON_DEMAND}", f"{sku}.{ON_DEMAND}.{RATE}"
    dimension = {
        "unit": unit,
        "beginRange": "0",
        "endRange": "Inf",
        "description": f"${price:.4f} per {unit} of {attributes['usagetype']}",
        "appliesTo": [],
        "rateCode": rate,
        "pricePerUnit": {"USD": f"{price:.10f}"},
    }
    offer = {
        "sku": sku,
        "offerTermCode": ON_DEMAND,
        "effectiveDate": f"{date}T00:00:00Z",
        "termAttributes": {},
        "priceDimensions": {rate: dimension},
    }
    attributes = {**attributes, "servicecode": service}
    return {
        "product": {"productFamily": family, "attributes": attributes, "sku": sku},
        "serviceCode": service,
        "terms": {"OnDemand": {term: offer}},
        "version": date.replace("-", "") + "000000",
        "publicationDate": f"{date}T00:00:00Z",
    }
