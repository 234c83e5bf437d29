#!/usr/bin/python3
"""Run one command of a build as its own user, in a transient unit that ends with the connection.

Standard input is one line of JSON: `user`, `folder` (all that the command may write), `cwd`,
`argv`, `environment`, `seconds`, `memory_share` (of the host's memory). It stays open for as long
as somebody waits: where it ends, the unit does. The exit code is the command's, 137 where it was
ended.
"""

from __future__ import annotations

import json
import os
import pwd
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.5
KILLED = 137
METADATA = "169.254.169.254/32"  # where a cloud tells a host's own credentials


def properties(asked, memory):
    """What the unit may do and how much it may take."""
    return {
        "User": asked["user"],
        "Group": asked["user"],
        "WorkingDirectory": asked["cwd"],
        "ReadWritePaths": asked["folder"],
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "ProtectKernelTunables": "yes",
        "ProtectKernelModules": "yes",
        "ProtectControlGroups": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "RestrictSUIDSGID": "yes",
        "InaccessiblePaths": "-/srv -/run/systemd/journal -/var/log",
        "IPAddressDeny": METADATA,
        "UMask": "0022",
        "TasksMax": "1024",
        "LimitCORE": "0",
        "Nice": "10",  # what is live on the host goes first
        "RuntimeMaxSec": str(asked["seconds"]),
        "MemoryMax": str(memory),
    }


def total_memory():
    """The host's memory, in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def used_memory(uid):
    """What the processes of a user hold, in bytes: a cgroup's limit is not enforced everywhere."""
    pages = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if folder.stat().st_uid == uid:
                pages += int((folder / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def command_line(unit, asked, memory):
    said = [f"--property={name}={value}" for name, value in properties(asked, memory).items()]
    options = ["--quiet", "--wait", "--collect", "--pipe", f"--unit={unit}", *said]
    variables = [f"--setenv={name}" for name in asked["environment"]]
    return ["systemd-run", *options, *variables, "--", *asked["argv"]]


def watch(process, unit, asked, memory):
    """Wait for the end of the command, and see to it that there is one; why it was ended, if so."""
    uid = pwd.getpwnam(asked["user"]).pw_uid
    end = time.monotonic() + asked["seconds"]
    reason = None
    while process.poll() is None and not reason:
        hung_up, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
        if hung_up:
            reason = "nobody waits for it any more"
        elif time.monotonic() > end:
            reason = f"it took more than {asked['seconds']} s"
        elif used_memory(uid) > memory:
            reason = f"it took more than {memory // 2**20} MB of memory"
    if reason:
        subprocess.run(["systemctl", "kill", "--signal=KILL", unit], check=False)
    process.wait()
    return reason


def first_line(descriptor):
    """All up to the first newline, and nothing after it: what follows is the end alone."""
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(descriptor, 1 << 16)
        if not more:
            break
        line += more
    return line


def main():
    asked = json.loads(first_line(sys.stdin.fileno()))
    memory = int(total_memory() * asked["memory_share"])
    unit = f"autodeploy-build-{os.getpid()}.service"
    variables = {**os.environ, **asked["environment"]}
    line = command_line(unit, asked, memory)
    process = subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, env=variables
    )
    reason = watch(process, unit, asked, memory)
    if reason:
        sys.stdout.write(f"the command was ended: {reason}\n")
        sys.stdout.flush()
    return KILLED if reason else process.returncode


if __name__ == "__main__":
    sys.exit(main())
