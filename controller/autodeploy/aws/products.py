"""AWS's price list: what it has of products, as it says it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from autodeploy.aws.cloud import Cloud

HOME = "us-east-1"
"""One of few regions whose endpoint knows the prices of all."""
MOST = 5000
"""A region has some thousand types of instances, and no more of anything else."""


def products(cloud: Cloud, service: str, fields: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """The products of a service that have these fields.

    Args:
        cloud: Whose credentials are used.
        service: The price list's code of the service, such as `AmazonEC2`.
        fields: Values of attributes, such as `regionCode`.

    Raises:
        CloudError: AWS could not be asked.
        ValueError: What it says is not JSON, or far too much.
    """
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": one} for name, one in fields.items()]
    pages = cloud.in_region(HOME).pricing().get_paginator("get_products")
    number = 0
    for page in pages.paginate(ServiceCode=service, Filters=filters):
        for text in page["PriceList"]:
            number += 1
            if number > MOST:
                raise ValueError(f"{service} has more than {MOST} products")
            one = json.loads(text)
            if not isinstance(one, dict):
                raise ValueError(f"a product of {service} is no mapping")
            yield one
