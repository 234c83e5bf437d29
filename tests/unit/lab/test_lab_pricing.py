"""The price list has AWS's form."""

from __future__ import annotations

import json

import pytest

from autodeploy.provisioner.capacity import comparable
from autodeploy.provisioner.sizing import LADDERS

pytestmark = pytest.mark.slow


def prices(api, service, **fields):
    filters = [
        {"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()
    ]
    pages = api.client("pricing").get_paginator("get_products")
    found = pages.paginate(ServiceCode=service, Filters=filters, PaginationConfig={"PageSize": 3})
    products = [json.loads(one) for page in found for one in page["PriceList"]]
    return [price(one) for one in products]


def price(product):
    (term,) = product["terms"]["OnDemand"].values()
    (dimension,) = term["priceDimensions"].values()
    assert dimension["rateCode"].startswith(product["product"]["sku"])
    return float(dimension["pricePerUnit"]["USD"]), dimension["unit"]


def test_an_instance_has_one_price_in_each_region(api):
    linux = {"instanceType": "t3.micro", "operatingSystem": "Linux", "tenancy": "Shared"}
    assert prices(api, "AmazonEC2", **linux, regionCode="us-east-1") == [(0.0104, "Hrs")]
    assert prices(api, "AmazonEC2", **linux, location="EU (Frankfurt)") == [(0.012, "Hrs")]
    assert prices(api, "AmazonEC2", **linux, regionCode="eu-north-1") == []


def test_what_an_application_needs_besides_has_a_price(api):
    here = {"regionCode": "eu-central-1"}
    database = {"instanceType": "db.t4g.micro", "databaseEngine": "PostgreSQL"}
    assert len(prices(api, "AmazonRDS", **database, **here)) == 1
    assert prices(api, "AmazonEC2", volumeApiName="gp3", **here)[0][1] == "GB-Mo"
    assert prices(api, "AmazonVPC", group="VPCPublicIPv4Address", **here) == [(0.005, "Hrs")]
    balancer = prices(api, "AWSELB", productFamily="Load Balancer-Application", **here)
    assert {unit for _, unit in balancer} == {"Hrs", "LCU-Hrs"}


def test_every_size_that_autodeploy_chooses_has_a_price(api):
    ladder = [kind for one in LADDERS.values() for kind, _ in one]
    for kind in {other for one in ladder for other in comparable(one)}:
        assert len(prices(api, "AmazonEC2", instanceType=kind, regionCode="us-east-1")) == 1
