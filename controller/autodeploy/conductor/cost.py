"""`cost`: what applications cost that are there, and how that would be less."""

from __future__ import annotations

from autodeploy import provisioner
from autodeploy.conductor.account import refuse_another
from autodeploy.conductor.command import Environment
from autodeploy.contracts import (
    SECRETS,
    ApplicationCost,
    ApplicationState,
    Cost,
    Suggestion,
    TechStack,
)
from autodeploy.journal import Store
from autodeploy.provisioner import Owner
from autodeploy.provisioner.kinds import Found, LoadBalancer, Secret
from autodeploy.provisioner.pricing import price_list, suggestions
from autodeploy.provisioner.pricing.suggestions import Asked
from autodeploy.settings import Settings, Usage


def cost(known: ApplicationState, environment: Environment) -> ApplicationCost:
    """What an application costs, asked of AWS. Reads only.

    Args:
        known: The application.
        environment: Where the Conductor works.

    Raises:
        StateError: The prices that were refreshed cannot be read.
        CloudError: AWS could not be asked, or with another account's credentials.
    """
    of = {
        "application": known.application,
        "environment": known.environment,
        "target": known.target,
    }
    if known.target == "ssh":
        return ApplicationCost(**of, cost=None)
    cloud, live = environment.open_cloud(), known.live
    # Where nothing of it is, it would seem to cost nothing.
    refuse_another(known, cloud.identity().account if known.target == "aws" else None)
    said = {**known.flags, **(live.settings if live else {})}
    owner = Owner(application=known.application, environment=known.environment, deployment="cost")
    noted = [one.key for one in known.resources]
    usage = Usage.model_validate(said.get("usage", {}))
    held = known.secrets.id if known.secrets else None
    beside = [Found(SECRETS, Secret.type, held, {})] if held else []
    found = provisioner.cost_of(cloud, owner, noted, beside, usage, price_list(cloud.region))
    if live is None or live.stack is None:
        return ApplicationCost(**of, cost=found)
    chosen = {"arch", "instance_type", "processes", "start_command"} & said.keys()
    settings = Settings.model_validate({key: said[key] for key in chosen})
    ways = cheaper(found, live.stack, settings, known, environment.store)
    return ApplicationCost(**of, cost=found, suggestions=ways)


def cheaper(
    cost: Cost,
    stack: TechStack,
    settings: Settings,
    known: ApplicationState | None,
    store: Store,
) -> tuple[Suggestion, ...]:
    """How it would be less.

    Args:
        cost: What it costs, or would.
        stack: What it is made of.
        settings: Its settings.
        known: It; None where it was never deployed.
        store: Which applications else are known here.
    """
    asked = Asked(
        stack=settings.over(stack),
        arch=settings.arch,
        instance_type=settings.instance_type,
        balancers=1 + sum(_shares(one, cost.region, known) for one in _others(store, known)),
    )
    return suggestions(cost, asked, price_list(cost.region))


def _others(store: Store, known: ApplicationState | None) -> list[ApplicationState]:
    own = (known.application, known.environment) if known else None
    others = [store.application(*one) for one in store.applications() if one != own]
    return [one for one in others if one]


def _shares(other: ApplicationState, region: str, known: ApplicationState | None) -> bool:
    """Whether it has a load balancer of its own in the same place, as far as that is known."""
    same_account = known is None or other.account == known.account
    has_one = any(one.type == LoadBalancer.type for one in other.resources)
    return has_one and same_account and other.region == region
