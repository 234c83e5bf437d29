"""What IAM must allow for a deployment. Pure."""

from __future__ import annotations

from autodeploy.aws.needed import needed
from autodeploy.conductor.forecast.downtime import is_exclusive
from autodeploy.conductor.forecast.intended import Intended
from autodeploy.contracts import Permissions
from autodeploy.provisioner.kinds import Certificate, Secret
from autodeploy.provisioner.policy import LOOKED_FOR

RECORDS = ("route53:ChangeResourceRecordSets",)
"""What leads a domain to a host."""
KEPT = tuple(f"secretsmanager:{one}" for one in ("CreateSecret", "PutSecretValue", "TagResource"))
"""What keeps secrets that are generated."""


def permissions(intended: Intended) -> Permissions:
    """The actions that are called; none where hosts exist."""
    settings = intended.settings
    if settings.target == "ssh":
        return Permissions()
    led = (Certificate.type,) if settings.ends_tls(intended.stack) else ()
    looked_for = (*LOOKED_FOR, *led, *((Secret.type,) if settings.secrets else ()))
    takes_turns = is_exclusive(intended.running, settings)
    found = needed(intended.plan.actions, looked_for, takes_turns=takes_turns)
    more = {*(RECORDS if led else ()), *(KEPT if settings.secrets else ())}
    return found.model_copy(update={"writes": tuple(sorted({*found.writes, *more}))})
