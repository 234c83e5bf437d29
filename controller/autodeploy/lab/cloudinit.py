"""User data: a script, or the part of #cloud-config that hosts of the lab understand.

It comes from whoever calls the API and is checked before anything is done with it.
"""

from __future__ import annotations

import shlex

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autodeploy.errors import LabError

MAX_BYTES = 16 * 1024
HOSTNAME = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"


class SshKeys(BaseModel):
    """The host's own SSH key.

    Attributes:
        ed25519_private: The private key in OpenSSH's format.
        ed25519_public: Its public half, `ssh-ed25519 AAAA... comment`.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    ed25519_private: str = Field(repr=False, pattern=r"^-----BEGIN OPENSSH PRIVATE KEY-----\n")
    ed25519_public: str = Field(pattern=r"^ssh-ed25519 [A-Za-z0-9+/=]+( [^\n]*)?\n?$")


class UserData(BaseModel):
    """What user data asks for; keys of cloud-init that are not named here are ignored.

    Attributes:
        ssh_keys: The host's own SSH key; None lets the host make one.
        hostname: Its name; None means one made from its private address.
        packages: Debian packages to install on the first boot.
        runcmd: Commands to run on the first boot: shell lines, or lists of words.
        shell: A whole script to run on the first boot instead.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    ssh_keys: SshKeys | None = None
    hostname: str | None = Field(default=None, pattern=HOSTNAME)
    packages: list[str] = Field(default_factory=list)
    runcmd: list[str | list[str]] = Field(default_factory=list)
    shell: str | None = None

    def script(self) -> str | None:
        """What to run on the first boot, as a shell script; None where there is nothing."""
        if self.shell:
            return self.shell
        lines = []
        if self.packages:
            lines += ["apt-get update", f"apt-get install --yes -- {shlex.join(self.packages)}"]
        lines += [one if isinstance(one, str) else shlex.join(one) for one in self.runcmd]
        head = ["#!/bin/sh", "export DEBIAN_FRONTEND=noninteractive"]
        return "\n".join([*head, *lines, ""]) if lines else None


def parse(text: str | None) -> UserData:
    """User data as a model.

    Raises:
        LabError: It is too long, of another kind, no YAML, or a value is not valid.
    """
    if not text or not text.strip():
        return UserData()
    if len(text.encode()) > MAX_BYTES:
        raise _refused(f"it is longer than {MAX_BYTES} bytes")
    if text.startswith("#!"):
        return UserData(shell=text)
    if not text.startswith("#cloud-config"):
        raise _refused("the lab understands #cloud-config and scripts (#!) only")
    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise _refused("it is not YAML") from None
    try:
        return UserData.model_validate(read or {})
    except ValidationError as error:
        places = "; ".join(
            f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise _refused(places) from None


def _refused(cause: str) -> LabError:
    """Says what is wrong, never what the user data holds: it may be a private key."""
    return LabError(
        "the user data is not valid", cause=cause, remediation="docs/lab.md says what it may hold."
    )
