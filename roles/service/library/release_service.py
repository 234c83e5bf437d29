#!/usr/bin/python
"""Start a release next to the one before it and wait for its health."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_service
short_description: Starts a release next to the one before it and waits for its health
description:
  - Writes the release's units, runs its release command, starts it on its own port and asks its
    health path until the last answers were good.
  - Where it does not become healthy, its units are stopped and removed, the release before it goes
    on as it was, and the module fails with what was seen.
  - The units are not enabled for boot. The role C(proxy) does that when the release takes traffic.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release's name.
    type: str
    required: true
  processes:
    description: Command by process name; C(web) takes traffic.
    type: dict
    required: true
  path:
    description: Folders before the system's PATH, relative to the release or absolute.
    type: list
    elements: str
    default: []
  variables:
    description: Variables that are no secret.
    type: dict
    default: {}
  port:
    description: The loopback port on which C(web) listens.
    type: int
    required: true
  port_fixed:
    description: Whether the release before must be stopped first, because both need the port.
    type: bool
    default: false
  health_path:
    description: The path that tells health.
    type: str
    default: /
  health_below:
    description: Statuses from 200 to below this one are healthy.
    type: int
    default: 500
  health_timeout:
    description: Seconds that the release has to become healthy.
    type: int
    default: 60
  release_command:
    description: Run once before the release is started; not where it is running already.
    type: str
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Start the release
  release_service:
    application: shop
    release: 4f0c2a91d3be
    processes:
      web: gunicorn --bind 127.0.0.1:$PORT shop.wsgi
    path: [.venv/bin]
    port: 20123
"""

RETURN = r"""
autodeploy:
  description: What was seen.
  returned: always, but in check mode
  type: dict
  contains:
    healthy:
      description: Whether the release is healthy.
      type: bool
    health_status:
      description: The health path's status, where it is.
      type: int
    reason:
      description: Why it is not, one of exited, not-listening, bad-status, timeout, command.
      type: str
    status:
      description: The last status, where there was one.
      type: int
    listening:
      description: Ports on which the release's processes listen instead.
      type: list
      elements: int
    journal:
      description: The last lines that the release logged.
      type: list
      elements: str
"""

import os
import re
import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.service_health import REFUSED, SETTLE_SECONDS, ask, explain, wait
from ansible.module_utils.service_host import (
    Systemd,
    current,
    listening_ports,
    read,
    releases,
    remove_units,
    write,
)
from ansible.module_utils.service_units import (
    command_name,
    command_unit,
    drain_name,
    folder_of,
    process_name,
    target_name,
    units,
)

APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PROCESS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
STARTED = "ExecMainStartTimestampMonotonic"
TOLERATED_RESTARTS = 1
RUNNING = {"active", "activating", "reloading"}
STOPPED = {"inactive", "failed"}


class Release:
    """One release's units on this host."""

    def __init__(self, params, systemd):
        self.params = params
        self.systemd = systemd
        self.application, self.name = params["application"], params["release"]
        self.texts = units(params)
        self.target = target_name(self.application, self.name)
        self.services = [name for name in self.texts if name != self.target]
        self.processes = {
            process_name(self.application, one, self.name): one for one in params["processes"]
        }

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
        for name, text in different.items():
            write(name, text)
        if different:
            self.systemd.run("daemon-reload")
        broken = [
            name
            for name, one in zip(
                self.services, self.systemd.show(self.services, "LoadState"), strict=True
            )
            if one.get("LoadState") != "loaded"
        ]
        if broken:
            raise Unhealthy("exited", f"systemd does not accept {', '.join(broken)}")

    def restarts(self):
        found = self.systemd.show(self.services, "NRestarts")
        return {name: int(one["NRestarts"]) for name, one in zip(self.services, found, strict=True)}

    def watch(self, baseline):
        """The first process that ended for good or again and again, and whether all run steadily.

        `web` is asked; the others are believed once they have run for a while.
        """
        asked = ("ActiveState", "SubState", "NRestarts", "ExecMainStatus", STARTED)
        found = self.systemd.show(self.services, *asked)
        for name, one in zip(self.services, found, strict=True):
            restarts = int(one["NRestarts"]) - baseline[name]
            again = one["SubState"] == "auto-restart" and restarts >= TOLERATED_RESTARTS
            if one["ActiveState"] not in RUNNING or again or restarts > TOLERATED_RESTARTS:
                return f"{self.processes[name]} (exit status {one['ExecMainStatus']})", False
        settle = SETTLE_SECONDS if len(found) > 1 else 0
        return None, all(is_steady(one, settle) for one in found)

    def listening(self):
        groups = [
            one.get("ControlGroup") for one in self.systemd.show(self.services, "ControlGroup")
        ]
        return listening_ports([group for group in groups if group])

    def take_away(self):
        self.systemd.run("stop", self.target, *self.services, check=False)
        remove_units(self.systemd, [*self.texts, command_name(self.application, self.name)])


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


def stale(names, live, draining):
    """Releases that nothing needs to run: neither live, deployed now nor draining."""
    return sorted(set(names) - set(live) - set(draining))


def tidy(release, old):
    """Stop what no release needs, an interrupted deploy's too; remove units without a release."""
    systemd, application = release.systemd, release.application
    found = releases(application)
    draining = [one for one in found if is_active(systemd, drain_name(application, one))]
    changed = False
    for name in stale(found, {release.name, old}, draining):
        files = found[name]
        enabled = target_name(application, name)
        if systemd.run("is-enabled", "--quiet", enabled, check=False)[0] == 0:
            systemd.run("disable", "--quiet", enabled)
            changed = True
        changed = stop(systemd, files) or changed
        if not os.path.isdir(folder_of(application, name)):
            remove_units(systemd, files)
            changed = True
    return changed


def is_active(systemd, name):
    return systemd.run("is-active", "--quiet", name, check=False)[0] == 0


def stop(systemd, names):
    """Stop units; whether any of them was there to be stopped."""
    states = systemd.show(names, "ActiveState") if names else []
    if all(one.get("ActiveState") in STOPPED for one in states):
        return False
    systemd.run("stop", *names)
    return True


def make_room(release):
    """Stop every other release's `web` where all need the one port."""
    if not release.params["port_fixed"]:
        return False
    application = release.application
    webs = {one: process_name(application, "web", one) for one in releases(application)}
    return stop(release.systemd, [web for one, web in webs.items() if one != release.name])


def problem(params):
    """What is wrong with the parameters; None where nothing is."""
    if not APPLICATION.fullmatch(params["application"]):
        return f"{params['application']!r} is no name for an application"
    if not RELEASE.fullmatch(params["release"]):
        return f"{params['release']!r} is no name for a release"
    if "web" not in params["processes"]:
        return "there is no process called web"
    for name, command in params["processes"].items():
        if not PROCESS.fullmatch(name):
            return f"{name!r} is no name for a process"
        if not isinstance(command, str) or not command.strip() or "\0" in command:
            return f"the process {name} has no command"
    for name, value in params["variables"].items():
        if not VARIABLE.fullmatch(name) or "\0" in str(value):
            return f"{name!r} is no variable that a process can have"
    if not 1 <= params["port"] <= 65535:
        return f"{params['port']} is no port"
    return None


def run_command(release):
    """Run the release command to its end."""
    name = command_name(release.application, release.name)
    write(name, command_unit(release.params))
    release.systemd.run("daemon-reload")
    code, _out = release.systemd.run("start", name, check=False)
    if code:
        status = release.systemd.show([name], "ExecMainStatus")[0].get("ExecMainStatus")
        raise Unhealthy("command", f"the release command failed with exit status {status}")


def start(release, down):
    """Start what of a release does not run, on a port that nobody else has."""
    systemd, port = release.systemd, release.params["port"]
    systemd.run("stop", *down, check=False)
    if process_name(release.application, "web", release.name) in down and ask(port, "/") != REFUSED:
        raise Unhealthy("not-listening", f"another process listens on port {port} already")
    systemd.run("reset-failed", *down, check=False)
    systemd.run("start", release.target, *down, check=False)


def check(release):
    """The health path's status, once it is a good one."""
    params = release.params
    baseline = release.restarts()
    why, ended, answer = wait(
        lambda: ask(params["port"], params["health_path"]),
        lambda: release.watch(baseline),
        params["health_below"],
        params["health_timeout"],
    )
    if why is None:
        return answer
    listening = release.listening()
    message = explain(why, ended, answer, params["port"], listening, params)
    instead = [port for port in listening if port != params["port"]]
    raise Unhealthy(why, message, answer if isinstance(answer, int) else None, instead)


def bring_up(release):
    """Make the release run as its units say; whether anything changed, and its status."""
    systemd = release.systemd
    different, down = release.different(), release.down()
    systemd.run("stop", drain_name(release.application, release.name), check=False)
    release.write(different)
    if down and release.params["release_command"]:
        run_command(release)
    alone = make_room(release)
    begun = release.services if different else release.outdated()
    again = [name for name in begun if name not in down]
    if again:
        systemd.run("restart", *again)
    if down:
        start(release, down)
    status = check(release)
    return bool(again or down or alone), status


def fail(module, release, error, old, since):
    """Take the release away, unless it has the traffic, and say what was seen."""
    names = [*release.services, command_name(release.application, release.name)]
    journal = release.systemd.journal(names, since)
    if old != release.name:
        release.take_away()
        if release.params["port_fixed"] and old:
            release.systemd.run("start", target_name(release.application, old), check=False)
            web = process_name(release.application, "web", old)
            release.systemd.run("reset-failed", web, check=False)
            release.systemd.run("start", web, check=False)
    module.fail_json(
        msg=f"{release.name} is not healthy: {error}",
        autodeploy={
            "healthy": False,
            "reason": error.why,
            "status": error.status,
            "listening": error.listening,
            "journal": journal,
        },
    )


def run(module):
    release = Release(module.params, Systemd(module))
    different = release.different()
    diff = {
        "before": "".join(read(name) or "" for name in different),
        "after": "".join(different.values()),
    }
    if module.check_mode:
        module.exit_json(changed=bool(different or release.down()), diff=diff)
    folder = folder_of(release.application, release.name)
    if not os.path.isdir(folder):
        module.fail_json(msg=f"there is no release in {folder}: the role artifact brings it")
    old, since = current(release.application), time.time()
    tidied = tidy(release, old)
    try:
        changed, status = bring_up(release)
    except Unhealthy as error:
        fail(module, release, error, old, since)
    module.exit_json(
        changed=changed or tidied,
        diff=diff,
        autodeploy={"healthy": True, "health_status": status},
    )


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "release": {"type": "str", "required": True},
            "processes": {"type": "dict", "required": True},
            "path": {"type": "list", "elements": "str", "default": []},
            "variables": {"type": "dict", "default": {}},
            "port": {"type": "int", "required": True},
            "port_fixed": {"type": "bool", "default": False},
            "health_path": {"type": "str", "default": "/"},
            "health_below": {"type": "int", "default": 500},
            "health_timeout": {"type": "int", "default": 60},
            "release_command": {"type": "str"},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    wrong = problem(module.params)
    if wrong:
        module.fail_json(msg=wrong)
    run(module)


if __name__ == "__main__":
    main()
