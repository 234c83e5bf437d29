"""Arms a timer on the host that takes a change back unless a fresh SSH connection confirms it.

A module calls `arm` right before its first write, once with all that it may write.
"""

from __future__ import annotations

import inspect
import os
import time

from ansible.module_utils import guard_files
from ansible.module_utils.guard_files import FOLDER, copy, locked, read, remove, write

SECONDS = 120
UNIT = "autodeploy-guard"
UNITS = "/etc/systemd/system"
SERVICE = """[Unit]
Description=Take back a change that no fresh connection has confirmed
ConditionPathExists={folder}/armed

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I {folder}/revert.py {folder}
"""
# It counts from when it is started: a host that starts again meanwhile counts anew.
TIMER = """[Unit]
Description=Until a change must have been confirmed
ConditionPathExists={folder}/armed

[Timer]
OnActiveSec={seconds}s
AccuracySec=100ms

[Install]
WantedBy=timers.target
"""


class Refused(Exception):
    """A change cannot be confirmed; says why."""


def arm(module, paths, reload, why, seconds=SECONDS):
    """Have the host take back what is changed from now on, unless it is confirmed.

    Where a guard is armed already, by another role or a run that broke off, it is one with this:
    what was kept first stays, and the time starts anew.

    Args:
        module: The AnsibleModule. Not to be called in check mode.
        paths: Files and folders, which need not exist, that may be changed.
        reload: Commands, lists of words, that load them again.
        why: What is changed, in a few words: `SSH's settings`.
        seconds: Until it is taken back.
    """
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    with locked():
        wanted = merged(read(FOLDER, "armed"), reload, why)
        keep(wanted["paths"], paths, os.path.join(FOLDER, "kept"))
        until = time.clock_gettime(time.CLOCK_BOOTTIME) + int(seconds)
        write(FOLDER, "armed", {**wanted, **here(), "until": until})
        start(module, int(seconds))


def merged(before, reload, why):
    """What an armed guard (or None) is with one more change: without doubles, in order."""
    merged = before or {"paths": {}, "reload": [], "why": []}
    for key, more in (("reload", map(list, reload)), ("why", [why])):
        for one in more:
            merged[key] += [one] if one not in merged[key] else []
    return merged


def keep(kept, paths, folder):
    """Copy the paths that are not kept yet; those that do not exist are kept as None."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for path in paths:
        if any(path == one or path.startswith(one + "/") for one in kept):
            continue
        copied = os.path.join(folder, str(len(kept)))
        remove(copied)
        if os.path.lexists(path):
            copy(path, copied)
        kept[path] = copied if os.path.lexists(path) else None


def start(module, seconds):
    """Start the timer, or start it anew."""
    program = {os.path.join(FOLDER, "revert.py"): inspect.getsource(guard_files)}
    for path, text in {**program, **units(seconds)}.items():
        with open(path, "w") as file:
            file.write(text)
    for words in (["daemon-reload"], ["enable", f"{UNIT}.timer"], ["restart", f"{UNIT}.timer"]):
        module.run_command(["systemctl", *words], check_rc=True)


def units(seconds):
    """The timer's and the service's files, by path."""
    return {
        f"{UNITS}/{UNIT}.service": SERVICE.format(folder=FOLDER),
        f"{UNITS}/{UNIT}.timer": TIMER.format(folder=FOLDER, seconds=seconds),
    }


def state(module):
    """What a module returns as `guard`, at its end.

    Returns:
        `armed`: whether a change waits to be confirmed, this run's or one's that broke off.
        `reverted`: what the host took back and nobody has said yet, in a sentence; or None.
    """
    with locked():
        armed, reverted = read(FOLDER, "armed"), read(FOLDER, "reverted")
        if reverted and not module.check_mode:
            remove(os.path.join(FOLDER, "reverted")) if armed else disarm(module)
    said = sentence(reverted) if reverted else None
    if said:
        module.warn(said)
    return {"armed": armed is not None, "reverted": said}


def confirm(module):
    """Take the guard away: the change stays. Gives whether one was there.

    Raises:
        Refused: This is no fresh SSH connection, or the change was taken back.
    """
    with locked():
        armed, reverted = read(FOLDER, "armed"), read(FOLDER, "reverted")
        problem = staleness(armed, here()) if armed else None
        if problem:
            raise Refused(problem)
        if armed or reverted:
            disarm(module)
    if reverted and not armed:
        raise Refused(sentence(reverted))
    return armed is not None


def disarm(module):
    """Leave nothing of the guard, and what it has kept least of all."""
    # First of all: without it nothing is taken back, whatever becomes of the rest.
    remove(os.path.join(FOLDER, "armed"))
    module.run_command(["systemctl", "disable", "--now", f"{UNIT}.timer"])
    for path in (FOLDER, *units(0)):
        remove(path)
    module.run_command(["systemctl", "daemon-reload"])


def staleness(armed, now):
    """Why a connection does not prove that new ones come in; None where it does."""
    if now["connection"] is None:
        return "only a new SSH connection confirms the change, and this is none"
    rebooted = armed["boot"] != now["boot"]
    if not rebooted and now["connection"] <= armed["moment"]:
        return (
            "this SSH connection was open before the change: reset it, and confirm over a new one"
        )
    return None


def sentence(reverted):
    """What a revert was, and what there is to do."""
    text = (
        f"the change of {' and '.join(reverted['why'])} was taken back by the host itself at"
        f" {reverted['at']}: no new SSH connection had confirmed it in time. The host is as it was"
        " before. Look for what in the change keeps this controller out, and run again"
    )
    return "; ".join([text, *(f"not taken back: {one}" for one in reverted["failures"])])


def here(proc="/proc"):
    """This boot, the moment in it, and when this SSH connection began; both in clock ticks."""
    with open(f"{proc}/sys/kernel/random/boot_id") as file:
        boot = file.read().strip()
    ticks = time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK")
    return {"boot": boot, "moment": ticks, "connection": connection(os.getpid(), proc)}


def connection(pid, proc="/proc"):
    """When the sshd process began that this one descends from; None where there is none."""
    while pid > 1:
        with open(f"{proc}/{pid}/stat") as file:
            name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        words = rest.split()
        if name.startswith("sshd"):
            return int(words[19])
        pid = int(words[1])
    return None
