"""A release started next to the one before it, and gated by its health."""

from __future__ import annotations

import os
import re
import time

from ansible.module_utils.service_health import ACCEPTED, REFUSED, ask, connect, explain, wait
from ansible.module_utils.service_host import (
    Systemd,
    SystemdFailed,
    current,
    read,
    releases,
    remove_units,
    write,
)
from ansible.module_utils.service_release import Release, Unhealthy
from ansible.module_utils.service_tidy import stop, tidy
from ansible.module_utils.service_units import (
    command_name,
    command_unit,
    drain_name,
    folder_of,
    process_name,
    target_name,
    timers,
)

APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PROCESS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
MEMORY = re.compile(r"[1-9][0-9]*[KMGT]")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LINE = re.compile(r"[A-Za-z0-9 *,./:~-]+")
OPTIONS = {
    "application": {"type": "str", "required": True},
    "release": {"type": "str", "required": True},
    "processes": {"type": "dict", "required": True},
    "path": {"type": "list", "elements": "str", "default": []},
    "variables": {"type": "dict", "default": {}},
    "port": {"type": "int"},
    "protocol": {"type": "str", "default": "http", "choices": ["http", "tcp"]},
    "port_fixed": {"type": "bool", "default": False},
    "health_path": {"type": "str", "default": "/"},
    "health_below": {"type": "int", "default": 500},
    "health_required": {"type": "int", "default": 2},
    "health_grace": {"type": "int", "default": 0},
    "health_timeout": {"type": "int", "default": 60},
    "memory": {"type": "str"},
    "restart": {"type": "str", "default": "on-failure", "choices": ["on-failure", "always"]},
    "release_command": {"type": "str"},
    "jobs": {"type": "dict", "default": {}},
}


class NotStarted(Exception):
    """The release does not run; `seen` is what the module reports of it."""

    def __init__(self, message, seen=None):
        super().__init__(message)
        self.seen = seen


def start_release(module, params, beside=None):
    """Make the release run, healthy, next to the one before.

    Args:
        module: Runs commands.
        params: The options.
        beside: Text of further units that come and go with the release, by file name.

    Returns:
        The result of the module release_service.

    Raises:
        NotStarted: It is taken away again; the one before goes on as it was.
    """
    wrong = problem(params)
    if wrong:
        raise NotStarted(wrong)
    release = Release(params, Systemd(module), beside)
    different = release.different()
    diff = {
        "before": "".join(read(name) or "" for name in different),
        "after": "".join(different.values()),
    }
    if module.check_mode:
        changed = bool(different or release.down() or release.jobs_gone())
        return {"changed": changed, "diff": diff}
    folder = folder_of(release.application, release.name)
    if not os.path.isdir(folder):
        raise NotStarted(f"there is no release in {folder}: the role artifact brings it")
    old, since = current(release.application), time.time()
    try:
        tidied = tidy(release, old)
        changed, status = bring_up(release)
    except SystemdFailed as error:
        raise failed(release, Unhealthy("exited", str(error)), old, since) from error
    except Unhealthy as error:
        raise failed(release, error, old, since) from error
    seen = {"healthy": True, "health_status": status}
    return {"changed": changed or tidied, "diff": diff, "autodeploy": seen}


def failed(release, error, old, since):
    """Take the release away, unless it has the traffic, and say what was seen."""
    names = [*release.services, command_name(release.application, release.name)]
    journal = release.systemd.journal(names, since)
    if old != release.name:
        withdraw(release, old)
    seen = {
        "healthy": False,
        "reason": error.why,
        "status": error.status,
        "listening": error.listening,
        "journal": journal,
    }
    return NotStarted(f"{release.name} is not healthy: {error}", seen)


def withdraw(release, old):
    """Take a release away that has no traffic; the one before it has its port again."""
    release.take_away()
    if release.params["port_fixed"] and old:
        release.systemd.run("start", target_name(release.application, old), check=False)
        web = process_name(release.application, "web", old)
        release.systemd.run("reset-failed", web, check=False)
        release.systemd.run("start", web, check=False)


def withdraw_release(module, params, beside=None):
    """Take away a release that was started, and did not get the traffic.

    Args:
        module: As in `start_release`.
        params: As in `start_release`.
        beside: As in `start_release`.
    """
    old = current(params["application"])
    if old != params["release"]:
        withdraw(Release(params, Systemd(module), beside), old)


def make_room(release):
    """Stop every other release's `web` where all need the one port."""
    if not release.params["port_fixed"]:
        return False
    application = release.application
    there = releases(application)
    webs = {one: process_name(application, "web", one) for one in there}
    others = [web for one, web in webs.items() if one != release.name and web in there[one]]
    return stop(release.systemd, others)


def problem(params):
    """What is wrong with the parameters; None where nothing is."""
    if not APPLICATION.fullmatch(params["application"]):
        return f"{params['application']!r} is no name for an application"
    if not RELEASE.fullmatch(params["release"]):
        return f"{params['release']!r} is no name for a release"
    for name, value in params["variables"].items():
        if not VARIABLE.fullmatch(name) or "\0" in str(value):
            return f"{name!r} is no variable that a process can have"
    if params["memory"] and not MEMORY.fullmatch(params["memory"]):
        return f"{params['memory']!r} is no size, such as 512M"
    if "web" in params["processes"] and not 1 <= (params["port"] or 0) <= 65535:
        return f"{params['port']} is no port for web"
    return next(commands_wrong(params), None)


def commands_wrong(params):
    """What is wrong with the processes and the jobs."""
    for name, command in params["processes"].items():
        if not PROCESS.fullmatch(name):
            yield f"{name!r} is no name for a process"
        if not is_command(command):
            yield f"the process {name} has no command"
    for name, job in params["jobs"].items():
        if not PROCESS.fullmatch(name):
            yield f"{name!r} is no name for a job"
        # Of what the calendar says systemd is the judge.
        calendar = job["calendar"]
        if not (is_command(job["command"]) and calendar and all(map(LINE.fullmatch, calendar))):
            yield f"the job {name} has no command or no calendar"


def is_command(said):
    return isinstance(said, str) and said.strip() and "\0" not in said


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
    if process_name(release.application, "web", release.name) in down and connect(port) != REFUSED:
        raise Unhealthy("not-listening", f"another process listens on port {port} already")
    systemd.run("reset-failed", *down, check=False)
    systemd.run("start", release.target, *down, check=False)


def question(params):
    """What a release is asked: its health path, to take a connection, nothing where none is."""
    if "web" not in params["processes"]:
        return lambda: ACCEPTED
    if params["protocol"] == "tcp":
        return lambda: connect(params["port"])
    return lambda: ask(params["port"], params["health_path"])


def check(release):
    """The health path's status, once it is a good one; None where none is asked for."""
    params = release.params
    baseline = release.restarts()
    why, ended, answer = wait(
        question(params),
        lambda: release.watch(baseline),
        params["health_below"],
        params["health_timeout"],
        params["health_required"],
        params["health_grace"],
    )
    if why is None:
        return answer if isinstance(answer, int) else None
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
    begins = down or (not release.services and current(release.application) != release.name)
    if begins and release.params["release_command"]:
        run_command(release)
    changed = schedule(release, different) or bool(different)
    if not release.services:
        return changed, None
    alone = make_room(release)
    begun = {*different, *release.outdated()}
    again = [name for name in release.services if name in begun and name not in down]
    if again:
        systemd.run("restart", *again)
    if down:
        start(release, down)
    status = check(release)
    return bool(again or down or alone or changed), status


def schedule(release, different):
    """Have the timers of the release's jobs run, and no others; whether anything changed."""
    systemd, gone = release.systemd, release.jobs_gone()
    if gone:
        systemd.run("stop", *timers(gone), check=False)
        remove_units(systemd, gone)
    found = systemd.show(release.timers, "ActiveState")
    states = dict(zip(release.timers, found, strict=True))
    begun = [
        name
        for name, one in states.items()
        if name in different or one.get("ActiveState") != "active"
    ]
    if begun:
        systemd.run("restart", *begun)
    if begun and not release.services:
        systemd.run("start", release.target)
    return bool(gone or begun)
