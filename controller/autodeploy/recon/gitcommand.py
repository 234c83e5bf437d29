"""The one door to git: every command runs with the same narrow environment.

Repositories are hostile. Hooks, transport helpers, file system monitors and filters never run,
nothing prompts, and no GIT_* variable of the user's shell changes what a command means.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

from autodeploy.errors import NetworkUnreachable, ReconError
from autodeploy.recon.address import Address
from autodeploy.recon.giterrors import explain

CONFIG = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.askPass": "",
    "core.autocrlf": "false",
    "core.attributesFile": "/dev/null",
    "credential.interactive": "never",
    "fetch.recurseSubmodules": "false",
    "filter.lfs.process": "",
    "filter.lfs.smudge": "",
    "filter.lfs.clean": "",
    "filter.lfs.required": "false",
    "gc.auto": "0",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "init.templateDir": "",
}
KEPT = frozenset({"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_EXEC_PATH"})
ASKPASS = "SSH_ASKPASS"
HELPER = (
    '!f() { printf "username=%s\\npassword=%s\\n" '
    '"$AUTODEPLOY_GIT_USERNAME" "$AUTODEPLOY_GIT_PASSWORD"; }; f'
)


@dataclass
class Git:
    """Runs git for one address, all commands together within one timeout.

    Attributes:
        address: Where the repository is; its credentials reach git through the environment only.
        timeout: Seconds for everything.
    """

    address: Address
    timeout: float
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = time.monotonic() + self.timeout

    def run(
        self, *arguments: str, protocols: str = "", variables: Mapping[str, str] | None = None
    ) -> bytes:
        """Run `git ARGUMENTS` and give its standard output.

        Args:
            arguments: Of git.
            protocols: Transports that it may use, divided by colons; none by default.
            variables: More environment variables.

        Raises:
            ReconError: Or the one of the classes that says why.
        """
        # A name for no protocol: an empty list would allow all of them.
        environment = {
            **self._environment(),
            "GIT_ALLOW_PROTOCOL": protocols or "none",
            **(variables or {}),
        }
        code, stdout, stderr = _execute(arguments, environment, self._left())
        if code == 0:
            return stdout
        if stderr.startswith("Timeout: "):
            raise self._late()
        raise explain(stderr, self.address.public, self.address.secrets)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._late()
        return left

    def _late(self) -> NetworkUnreachable:
        return NetworkUnreachable(
            f"the repository did not arrive within {self.timeout:g} seconds: {self.address.public}",
            step="clone",
        )

    def _environment(self) -> dict[str, str]:
        config = dict(CONFIG)
        secrets = {}
        address = self.address
        if address.username:
            config[f"credential.{address.host}.helper"] = HELPER
            secrets["AUTODEPLOY_GIT_USERNAME"] = address.username
            secrets["AUTODEPLOY_GIT_PASSWORD"] = address.password or ""
        ssh = os.environ.get("GIT_SSH_COMMAND", "ssh")
        return {
            **secrets,
            **_config_variables(config),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": f"{ssh} -o BatchMode=yes -o ConnectTimeout=15",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }


def _config_variables(config: Mapping[str, str]) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _execute(
    arguments: tuple[str, ...], environment: dict[str, str], timeout: float
) -> tuple[int, bytes, str]:
    try:
        import git
    except ImportError as error:
        raise ReconError(
            "git is missing on this machine", cause=str(error), remediation="Install git."
        ) from None
    taken_away = [name for name in os.environ if _inherited(name) and name not in environment]
    without = ["env", *(f"--unset={name}" for name in taken_away)] if taken_away else []
    work_tree = environment.get("GIT_WORK_TREE")
    door = git.Git(Path(work_tree or gettempdir()))
    code, stdout, stderr = door.execute(
        [*without, "git", *arguments],
        env=environment,
        with_extended_output=True,
        with_exceptions=False,
        stdout_as_string=False,
        strip_newline_in_stdout=False,
        kill_after_timeout=timeout,
    )
    return code, stdout, stderr if isinstance(stderr, str) else stderr.decode(errors="replace")


def _inherited(name: str) -> bool:
    return name == ASKPASS or (name.startswith("GIT_") and name not in KEPT)
