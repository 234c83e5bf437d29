"""The one door to git: every command runs with the same narrow environment.

Repositories are hostile. Hooks, transport helpers, file system monitors and filters never run,
nothing prompts, and no GIT_* variable of the user's shell changes what a command means.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

from autodeploy.errors import NetworkUnreachable, ReconError
from autodeploy.recon.address import Address
from autodeploy.recon.git.errors import explain, scrubbed
from autodeploy.recon.git.process import execute
from autodeploy.recon.git.progress import Progress
from autodeploy.recon.talk import Talk

CONFIG = {
    "checkout.workers": "0",
    "core.fsync": "none",
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.askPass": "",
    "core.autocrlf": "false",
    "core.attributesFile": "/dev/null",
    "credential.interactive": "never",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",
    "filter.lfs.process": "",
    "filter.lfs.smudge": "",
    "filter.lfs.clean": "",
    "filter.lfs.required": "false",
    "gc.auto": "0",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "init.templateDir": "",
    "maintenance.auto": "false",
}
LONGEST = 30
LARGEST_ANSWER = 256 * 1024 * 1024
HELPER = (
    '!f() { printf "username=%s\\npassword=%s\\n" '
    '"$AUTODEPLOY_GIT_USERNAME" "$AUTODEPLOY_GIT_PASSWORD"; }; f'
)


@dataclass
class Git:
    """Runs git for one address.

    Attributes:
        address: Where the repository is; its credentials reach git through the environment only.
        timeout: Seconds without progress after which all is given up; a server that always gets a
            little further has LONGEST times as many.
        log: Hears how far a long transfer is.
    """

    address: Address
    timeout: float
    log: Talk

    def __post_init__(self) -> None:
        self._progress = Progress(self.log)
        self._written = 0
        self._deadline = time.monotonic() + self.timeout
        self._last_deadline = time.monotonic() + self.timeout * LONGEST

    def run(
        self,
        *arguments: str,
        protocols: str = "",
        variables: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> bytes:
        """Run `git ARGUMENTS` and give its standard output.

        Args:
            arguments: Of git.
            protocols: Transports that it may use, divided by colons; none by default.
            variables: More environment variables.
            config: More of git's configuration.
            stdin: What it reads.

        Raises:
            ReconError: Git failed; where a transport is allowed, the class says why.
        """
        # A name for no protocol: an empty list would allow all of them.
        environment = {
            **self._environment(config or {}),
            "GIT_ALLOW_PROTOCOL": protocols or "none",
            **(variables or {}),
        }
        self._watch(b"", 0)
        code, stdout, stderr = execute(arguments, environment, stdin, self._watch)
        self._moved(stderr.encode(), len(stdout))
        if code == 0:
            return stdout
        if protocols:
            raise explain(stderr, self.address.public, self.address.secrets)
        # No transport, so nothing that git says is about the repository's host.
        cause = scrubbed(stderr, self.address.secrets) or None
        raise ReconError(f"git failed: {self.address.public}", cause=cause, step="clone")

    def _watch(self, stderr: bytes, written: int) -> None:
        self._moved(stderr, written)
        where = self.address.public
        if time.monotonic() >= self._last_deadline:
            limit = f"{self.timeout * LONGEST:g} seconds"
            raise NetworkUnreachable(f"{where} did not arrive within {limit}", step="clone")
        if time.monotonic() >= self._deadline:
            limit = f"{self.timeout:g} seconds"
            raise NetworkUnreachable(f"nothing came from {where} within {limit}", step="clone")
        if written > LARGEST_ANSWER:
            raise ReconError(f"the repository has too many files: {where}", step="clone")

    def _moved(self, stderr: bytes, written: int) -> None:
        more, self._written = written > self._written, written
        if self._progress.moved(stderr) or more:
            self._deadline = min(time.monotonic() + self.timeout, self._last_deadline)

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        config = {**CONFIG, **more}
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
