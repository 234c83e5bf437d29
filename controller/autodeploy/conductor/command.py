"""What the Conductor is told, and where it works."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodeploy import recon
from autodeploy.aws import Cloud
from autodeploy.contracts import CommandLine, OnFailure, SavedPlan
from autodeploy.journal import Store
from autodeploy.journal.journal import Listener
from autodeploy.provisioner import Owner
from autodeploy.settings import IDENTITY, INFRASTRUCTURE, Acme, Settings


@dataclass(frozen=True)
class Command:
    """A command of the user.

    Attributes:
        repository: The repository's address; None where the command needs none.
        ref: Branch, tag or commit; None for the default branch.
        path: The application's folder in the repository; None for its root.
        name: The application's name.
        flags: The command line's own settings.
        settings: All settings as known before the repository is read.
        yes_data: Whether a database may be deleted, after a last snapshot.
        refresh: Read AWS and the hosts even where the journal says that nothing changed.
        restarts: Make another release, though nothing has changed.
        replaces: AWS's identifiers of hosts that others take the place of.
        on_failure: What becomes of what a first deployment made that fails or is stopped.
        environ: The variables that settings may come from.
        approved: What may be done to the infrastructure: exactly that; None for what is needed.
    """

    repository: str | None
    name: str
    flags: Mapping[str, Any]
    settings: Settings
    ref: str | None = None
    path: str | None = None
    yes_data: bool = False
    refresh: bool = False
    restarts: bool = False
    replaces: tuple[str, ...] = ()
    on_failure: OnFailure = "keep"
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    approved: SavedPlan | None = None

    @property
    def shown_repository(self) -> str | None:
        """The address without credentials, as journals may keep it."""
        return recon.without_credentials(self.repository) if self.repository else None

    @property
    def line(self) -> CommandLine:
        """It, as journals may keep it."""
        given = {key for key, value in self.flags.items() if value is not None}
        said = given & (IDENTITY | INFRASTRUCTURE | {"scale"})
        flags = self.settings.model_dump(mode="json", include=said)
        # What takes something back, as an empty domain does, is said too.
        back = {name: self.flags[name] for name, one in flags.items() if one is None}
        return CommandLine(
            ref=self.ref,
            path=self.path,
            flags={**flags, **back},
            environ=tuple(sorted(self.settings.model_fields_set - given)),
            yes_data=self.yes_data,
            refresh=self.refresh,
            restarts=self.restarts,
            replaces=self.replaces,
            on_failure=self.on_failure,
            is_approved=self.approved is not None,
            had_credentials=self.repository != self.shown_repository,
        )

    def infrastructure_flags(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """What this command line and those before it say of the infrastructure."""
        said = {key: value for key, value in self.flags.items() if key in INFRASTRUCTURE}
        return {**before, **{key: value for key, value in said.items() if value is not None}}

    def owner(self, deployment: str) -> Owner:
        """Whose the resources are."""
        return Owner(
            application=self.name, environment=self.settings.environment, deployment=deployment
        )


@dataclass(frozen=True)
class Environment:
    """Where the Conductor works.

    Attributes:
        store: The deployments' logs.
        cache: The folder for clones, layers and tools.
        open_cloud: Gives the door to AWS; for the lab it starts the lab first.
        authority: File of an authority of the target's own, which browsers elsewhere do not know;
            None for none.
        acme: Who signs certificates on the target, where the settings do not say.
        listener: Hears every event as it is journalled.
        on_error: Hears every error before it is journalled, for --debug.
        before_begin: Called where nobody else can work on the application, right before a run
            begins, or goes on; what it raises ends it there.
    """

    store: Store
    cache: Path
    open_cloud: Callable[[], Cloud]
    authority: Path | None = None
    acme: Acme = field(default_factory=Acme)
    listener: Listener | None = None
    on_error: Callable[[BaseException], None] = lambda _error: None
    before_begin: Callable[[], None] = lambda: None
