"""Errors that are not ours → ours: what a door has let through says what to do, too.

Told by where a class comes from, so that nothing heavy is imported for it.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from autodeploy.errors import (
    AutodeployError,
    CloudError,
    DataUnreadable,
    HostError,
    InternalError,
    Interrupted,
    MachineRefused,
    NetworkUnreachable,
    ReconError,
)


class Kind(NamedTuple):
    """What errors of somebody's become.

    Attributes:
        error: The class.
        message: What happened, for people.
    """

    error: type[AutodeployError]
    message: str


UNREADABLE = Kind(DataUnreadable, "something that was read is not in the form that it should have")
OF_PACKAGES = {
    "botocore": Kind(CloudError, "AWS could not be asked"),
    "boto3": Kind(CloudError, "AWS could not be asked"),
    "git": Kind(ReconError, "git could not do its work"),
    "ansible": Kind(HostError, "Ansible could not do its work"),
    "ansible_runner": Kind(HostError, "Ansible could not do its work"),
    "yaml": UNREADABLE,
    "pydantic_core": UNREADABLE,
    "pydantic": UNREADABLE,
    "tarfile": UNREADABLE,
    "zipfile": UNREADABLE,
    "subprocess": Kind(MachineRefused, "a program on this machine did not do its work"),
}
NETWORK = Kind(NetworkUnreachable, "a host did not answer")
OF_PYTHON: dict[type[BaseException], Kind] = {
    json.JSONDecodeError: UNREADABLE,
    UnicodeError: UNREADABLE,
    MemoryError: Kind(MachineRefused, "this machine has no memory left"),
    ConnectionError: NETWORK,
    TimeoutError: NETWORK,
    OSError: Kind(MachineRefused, "this machine refused something"),
}


def as_ours(error: BaseException) -> AutodeployError:
    """The error itself where it is ours; else ours that says the same, with where it happened."""
    if isinstance(error, AutodeployError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted("stopped by the user")
    kind = _kind(error)
    ours = kind.error(kind.message, cause=_said(error))
    ours.step, ours.host = getattr(error, "at_step", None), getattr(error, "at_host", None)
    return ours


def locate(error: BaseException, step: str, host: str | None) -> None:
    """Note where an error happened, unless that was said before, nearer to its origin."""
    ours = isinstance(error, AutodeployError)
    for name, value in (("step", step), ("host", host)):
        noted = name if ours else f"at_{name}"
        if getattr(error, noted, None) is None:
            setattr(error, noted, value)


def _kind(error: BaseException) -> Kind:
    for one in type(error).__mro__:
        package = one.__module__.partition(".")[0]
        if package in OF_PACKAGES:
            return OF_PACKAGES[package]
        if one in OF_PYTHON:
            return OF_PYTHON[one]
    return Kind(InternalError, "something went wrong in autodeploy itself")


def _said(error: BaseException) -> str:
    """What it says; a command's words are left out, but for what the command is."""
    command = getattr(error, "cmd", None)
    if command is None:
        return f"{type(error).__name__}: {error}"
    program = command.split()[0] if isinstance(command, str) else command[0]
    output = getattr(error, "stderr", None) or getattr(error, "output", None) or b""
    text = output.decode(errors="replace") if isinstance(output, bytes) else str(output)
    ending = getattr(error, "returncode", None)
    how = f"ended with exit code {ending}" if ending is not None else "ran out of time"
    return "\n".join(filter(None, [f"`{program}` {how}", text.strip()]))
