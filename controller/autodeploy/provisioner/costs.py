"""What a plan makes of the cost. Reads only."""

from __future__ import annotations

from decimal import Decimal

from autodeploy.aws import Cloud
from autodeploy.contracts import CostChange
from autodeploy.errors import StateError
from autodeploy.provisioner.kinds import Found
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.planning import Planned
from autodeploy.provisioner.pricing import cost_change, kept, price_list
from autodeploy.settings import Settings


def costs(planned: Planned, settings: Settings, cloud: Cloud, owner: Owner) -> CostChange:
    """The costs before and after it, with what former databases have left.

    Raises:
        StateError: The prices that were refreshed cannot be read.
        CloudError: AWS could not be asked.
    """
    return _costs(planned, settings, cloud, kept(cloud, owner))


def costs_where_known(
    planned: Planned, settings: Settings, cloud: Cloud, owner: Owner
) -> CostChange | None:
    """The same; a limit is one for all that is there, also what former databases have left.

    Without one nobody is asked for that, and a list that cannot be read stops no deployment.
    """
    if settings.max_monthly_cost is not None:
        return costs(planned, settings, cloud, owner)
    try:
        return _costs(planned, settings, cloud, ())
    except StateError:
        return None


def _costs(
    planned: Planned, settings: Settings, cloud: Cloud, others: tuple[Found, ...]
) -> CostChange:
    made_of = (planned.plan, planned.resources, planned.observed)
    beside = planned.beside
    after = (*others, Found(beside.key, beside.type, beside.id or "", {})) if beside else others
    before = after if beside and beside.id else others
    change = cost_change(*made_of, before, after, settings.usage, price_list(cloud.region))
    limit = settings.max_monthly_cost
    return change.model_copy(update={"limit": None if limit is None else Decimal(str(limit))})
