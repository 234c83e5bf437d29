"""What IAM must allow for a deployment. Pure."""

from __future__ import annotations

from autodeploy.aws.needed import needed
from autodeploy.conductor.forecast.downtime import is_exclusive
from autodeploy.contracts import ApplicationState, Permissions, Plan, TechStack
from autodeploy.provisioner.policy import LOOKED_FOR
from autodeploy.settings import Settings

CERTIFICATE = "AWS::CertificateManager::Certificate"
VAULT = "AWS::SecretsManager::Secret"
RECORDS = ("route53:ChangeResourceRecordSets",)
"""What leads a domain to a host."""
KEPT = tuple(f"secretsmanager:{one}" for one in ("CreateSecret", "PutSecretValue", "TagResource"))
"""What keeps secrets that are generated."""


def permissions(
    known: ApplicationState | None, stack: TechStack, settings: Settings, plan: Plan
) -> Permissions:
    """The actions that are called; none where hosts exist.

    Args:
        known: The application; None where it was never deployed.
        stack: What is deployed.
        settings: All settings of that.
        plan: What is done to the infrastructure.
    """
    if settings.target == "ssh":
        return Permissions()
    live = known.live.deployment if known and known.live else None
    led = (CERTIFICATE,) if settings.ends_tls(stack) else ()
    looked_for = (*LOOKED_FOR, *led, *((VAULT,) if settings.secrets else ()))
    found = needed(plan.actions, looked_for, takes_turns=is_exclusive(live, settings))
    more = {*(RECORDS if led else ()), *(KEPT if settings.secrets else ())}
    return found.model_copy(update={"writes": tuple(sorted({*found.writes, *more}))})
