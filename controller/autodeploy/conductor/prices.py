"""`prices`: which list of prices holds, and a newer one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autodeploy.conductor.command import Environment
from autodeploy.errors import UsageError
from autodeploy.provisioner.pricing import PriceList, fetched, price_list, write


def prices(environment: Environment) -> PriceList:
    """The list that holds in the environment's region.

    Raises:
        UsageError: There is no such region.
        StateError: It cannot be read.
    """
    cloud = environment.open_cloud()
    found = price_list(cloud.region)
    if not found.sources and cloud.region not in cloud.known_regions():
        raise UsageError(
            f"there is no region {cloud.region}, as far as this version knows",
            remediation="Say one such as eu-central-1; of a newer one, "
            f"`autodeploy prices refresh --region {cloud.region}` asks AWS.",
        )
    return found


def refresh_prices(environment: Environment, say: Callable[[str], None]) -> tuple[PriceList, Path]:
    """Ask AWS for the prices of the environment's region, and keep them for this machine.

    Args:
        environment: Where the Conductor works.
        say: Told what is asked.

    Raises:
        PricesRefused: What AWS says is no whole list: the list before it holds.
        StateError: The list cannot be written.
        CloudError: AWS could not be asked.
    """
    cloud = environment.open_cloud()
    found = fetched(cloud, cloud.region, say)
    return found, write(found)
