"""Which release a deployment would make, as far as that shows without a build. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from autodeploy.contracts import (
    ApplicationState,
    BuildArtifact,
    DeploymentConfig,
    DeploymentState,
    Source,
)
from autodeploy.deployer import deployment_fingerprint
from autodeploy.settings import Settings

SHORT = 12


class ReleaseForeseen(NamedTuple):
    """What becomes of the release.

    Attributes:
        said: For people.
        is_live: Whether it is known to be live already.
    """

    said: str
    is_live: bool = False


def release_foreseen(
    known: ApplicationState | None,
    artifact: BuildArtifact | None,
    source: Source,
    settings: Settings,
) -> ReleaseForeseen:
    """What becomes of the release.

    Args:
        known: The application; None where it was never deployed.
        artifact: What the live release is made of, where that was kept.
        source: What would be deployed.
        settings: All settings of that.
    """
    live = known.live if known else None
    if known is None or live is None or live.deployment is None:
        return ReleaseForeseen(f"the first one, of {_named(source.commit)}")
    if changes := list(_changes(known, live, live.deployment, source, settings)):
        return ReleaseForeseen(f"a new one: {', '.join(changes)}")
    if source.commit is None or artifact is None:
        unknown = "a new one, unless the build and the variables are those of the live one"
        return ReleaseForeseen(unknown)
    marks = (live.deployment.secrets, live.deployment.restart)
    if deployment_fingerprint(artifact, settings, *marks) == live.deployment.fingerprint:
        said = f"no new one: {_named(source.commit)} is live, with these settings"
        return ReleaseForeseen(said, is_live=True)
    return ReleaseForeseen("a new one: variables, or what this version of autodeploy puts on hosts")


def _changes(
    known: ApplicationState,
    live: DeploymentState,
    running: DeploymentConfig,
    source: Source,
    settings: Settings,
) -> Iterator[str]:
    if live.commit != source.commit:
        yield f"{_named(live.commit)} to {_named(source.commit)}"
    # What the hosts are made from holds whether it is said again or not.
    then = {**live.host_settings, **live.settings}
    now = {**live.host_settings, **settings.without_secrets()}
    said = sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key))
    if said:
        yield f"settings: {', '.join(said)}"
    if known.secrets and known.secrets.version != running.secrets:
        yield "secrets"


def _named(commit: str | None) -> str:
    return f"commit {commit[:SHORT]}" if commit else "a folder without commits"
