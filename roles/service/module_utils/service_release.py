"""One release's units on this host: what of it runs, and how it is watched and taken away."""

from __future__ import annotations

import os
import time

from ansible.module_utils.service_health import SETTLE_SECONDS
from ansible.module_utils.service_host import (
    listening_ports,
    read,
    releases,
    remove_units,
    write,
)
from ansible.module_utils.service_units import (
    command_name,
    jobs_of,
    process_name,
    target_name,
    timers,
    units,
)

STARTED = "ExecMainStartTimestampMonotonic"
TOLERATED_RESTARTS = 1
RUNNING = {"active", "activating", "reloading"}


class Release:
    """One release's units on this host."""

    def __init__(self, params, systemd, beside=None):
        """`beside` is the text of units that come and go with the release, by file name."""
        self.params = params
        self.beside = beside or {}
        self.systemd = systemd
        self.application, self.name = params["application"], params["release"]
        self.texts = units(params)
        self.target = target_name(self.application, self.name)
        self.processes = {
            process_name(self.application, one, self.name): one for one in params["processes"]
        }
        self.services = [name for name in self.texts if name in self.processes]
        self.timers = timers(self.texts)

    def different(self):
        return {name: text for name, text in self.texts.items() if read(name) != text}

    def down(self):
        """Services that do not run, those among them that systemd will try again."""
        found = self.systemd.show(self.services, "ActiveState", "SubState")
        return [name for name, one in zip(self.services, found, strict=True) if not is_up(one)]

    def outdated(self):
        """Services that began before the environment file was written."""
        path = f"/srv/{self.application}/environment/{self.name}.env"
        if not os.path.exists(path):
            return []
        written = os.stat(path).st_mtime_ns // 1000
        boot = time.time_ns() // 1000 - time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        found = self.systemd.show(self.services, STARTED)
        begun = [int(one.get(STARTED) or 0) for one in found]
        return [name for name, at in zip(self.services, begun, strict=True) if boot + at < written]

    def write(self, different):
        beside = {name: text for name, text in self.beside.items() if read(name) != text}
        for name, text in {**different, **beside}.items():
            write(name, text)
        if different or beside:
            self.systemd.run("daemon-reload")
        if beside:
            # What runs still is what they were; they are started when the traffic comes.
            self.systemd.run("stop", *beside, check=False)
        names = [*self.services, *self.timers]
        found = zip(names, self.systemd.show(names, "LoadState"), strict=True)
        broken = [name for name, one in found if one.get("LoadState") != "loaded"]
        if broken:
            raise Unhealthy("exited", f"systemd does not accept {', '.join(broken)}")

    def jobs_gone(self):
        """Units of jobs that this host does not run any more; what runs of them ends by itself."""
        there = releases(self.application).get(self.name, [])
        return [one for one in [*timers(there), *jobs_of(there)] if one not in self.texts]

    def restarts(self):
        found = self.systemd.show(self.services, "NRestarts")
        return {name: int(one["NRestarts"]) for name, one in zip(self.services, found, strict=True)}

    def watch(self, baseline):
        """The first process that ended for good or again and again, and whether all run steadily.

        A `web` that speaks HTTP is asked; the others are believed once they have run for a while.
        """
        asked = ("ActiveState", "SubState", "NRestarts", "ExecMainStatus", STARTED)
        found = self.systemd.show(self.services, *asked)
        for name, one in zip(self.services, found, strict=True):
            restarts = int(one["NRestarts"]) - baseline[name]
            again = one["SubState"] == "auto-restart" and restarts >= TOLERATED_RESTARTS
            if one["ActiveState"] not in RUNNING or again or restarts > TOLERATED_RESTARTS:
                return f"{self.processes[name]} (exit status {one['ExecMainStatus']})", False
        asked_alone = [*self.params["processes"]] == ["web"] and self.params["protocol"] == "http"
        settle = 0 if asked_alone else SETTLE_SECONDS
        return None, all(is_steady(one, settle) for one in found)

    def listening(self):
        groups = [
            one.get("ControlGroup") for one in self.systemd.show(self.services, "ControlGroup")
        ]
        return listening_ports([group for group in groups if group])

    def take_away(self):
        self.systemd.run("stop", self.target, *self.timers, *self.services, check=False)
        remove_units(
            self.systemd, [*self.texts, *self.beside, command_name(self.application, self.name)]
        )


def is_up(seen):
    """Whether a process runs or begins to; one that waits for its next try does not."""
    return seen.get("ActiveState") in RUNNING and seen.get("SubState") != "auto-restart"


def is_steady(seen, settle):
    """Whether a process runs, and has for `settle` seconds."""
    age = time.monotonic() - int(seen.get(STARTED) or 0) / 1e6
    return seen["SubState"] == "running" and age >= settle


class Unhealthy(Exception):
    """The release did not become healthy."""

    def __init__(self, why, message, status=None, listening=()):
        super().__init__(message)
        self.why, self.status, self.listening = why, status, list(listening)
