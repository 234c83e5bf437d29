"""The traffic given to another release without losing a request."""

from __future__ import annotations

import http.client
import os
import re

from ansible.module_utils.proxy_files import point, read, target_of, write
from ansible.module_utils.proxy_hops import UnixConnection, ask, is_good, patiently
from ansible.module_utils.proxy_units import (
    drain_name,
    service_name,
    socket_name,
    socket_path,
    target_name,
    units,
)

UNITS = "/etc/systemd/system"
SITES = "/etc/nginx/sites-enabled"
APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
OPTIONS = {
    "application": {"type": "str", "required": True},
    "release": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "health_path": {"type": "str", "default": "/"},
    "drain": {"type": "int", "default": 30},
    "site": {"type": "str", "required": True},
}


class NotSwitched(Exception):
    """The release did not get the traffic, or lost it again."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


def switch_traffic(module, params):
    """Give the release the traffic, and see it answer through every hop.

    Returns:
        The result of the module release_switch.

    Raises:
        NotSwitched: The release before has the traffic.
    """
    wrong = problem(params)
    if wrong:
        raise NotSwitched(wrong)
    switch = Switch(module, params)
    different = switch.differences()
    diff = {
        side: "".join(f"{what}: {pair[at]}\n" for what, pair in different.items())
        for at, side in enumerate(("before", "after"))
    }
    if module.check_mode:
        return {"changed": bool(different), "diff": diff}
    status = switch.make(different) if different else switch.through_nginx()
    if not is_good(status):
        raise NotSwitched("the release has the traffic, and nginx gets no good answer", status)
    seen = {"switched": True, "proxied_status": status}
    return {"changed": bool(different), "diff": diff, "autodeploy": seen}


def what_was_seen(params, error):
    """What the module reports of a switch that was not made."""
    switched = live(params["application"]) == params["release"]
    return {"switched": switched, "proxied_status": error.status}


def live(application):
    """The release that has the traffic now; None where there is none."""
    link = target_of(f"/srv/{application}/current")
    return os.path.basename(link) if link else None


class Switch:
    """One release's way to the traffic on this host."""

    def __init__(self, module, params):
        self.module = module
        self.params = params
        self.application, self.release = params["application"], params["release"]
        self.root = f"/srv/{self.application}"
        self.site = f"{SITES}/{self.application}"
        self.links = {
            f"{self.root}/current.sock": socket_path(self.application, self.release),
            f"{self.root}/current": f"{self.root}/releases/{self.release}",
        }
        texts = units(self.application, self.release, self.params["port"])
        self.files = {f"{UNITS}/{name}": text for name, text in texts.items()}

    def systemctl(self, *words, check=True):
        code, _out, err = self.module.run_command(["systemctl", *words])
        if check and code:
            raise NotSwitched(f"`systemctl {' '.join(words)}` failed: {err.strip()}")
        return code == 0

    def is_enabled(self):
        name = target_name(self.application, self.release)
        return os.path.islink(f"{UNITS}/multi-user.target.wants/{name}")

    def differences(self):
        """What is not yet as it should be, by name: (is, should be)."""
        wanted = {**self.files, self.site: self.params["site"]}
        found = {path: (read(path), text) for path, text in wanted.items()}
        found.update({link: (target_of(link), goal) for link, goal in self.links.items()})
        name = socket_name(self.application, self.release)
        opened = "open" if self.systemctl("is-active", "--quiet", name, check=False) else "closed"
        found["socket"] = (opened, "open")
        found["on boot"] = (self.is_enabled(), True)
        return {what: pair for what, pair in found.items() if pair[0] != pair[1]}

    def open_socket(self, different):
        """Start the socket and see the release answer through it, before anybody else does."""
        changed = [path for path in self.files if path in different]
        for path in changed:
            write(path, self.files[path])
        name = socket_name(self.application, self.release)
        if changed:
            self.systemctl("daemon-reload")
            self.systemctl("stop", name, service_name(self.application, self.release), check=False)
        self.systemctl("stop", drain_name(self.application, self.release), check=False)
        self.systemctl("start", name)
        path, health = socket_path(self.application, self.release), self.params["health_path"]
        status = patiently(lambda: ask(UnixConnection(path), health))
        if not is_good(status):
            raise NotSwitched("the release does not answer behind its socket", status)

    def configure(self, different):
        """Write the site; nginx must accept it, or the one before stays."""
        if self.site not in different:
            return
        old, _new = different[self.site]
        write(self.site, self.params["site"])
        code, _out, err = self.module.run_command(["/usr/sbin/nginx", "-t", "-q"])
        if code:
            os.unlink(self.site) if old is None else write(self.site, old)
            raise NotSwitched(f"nginx refuses the site: {err.strip()}")
        self.systemctl("reload-or-restart", "nginx")

    def enable(self, release):
        names = [target_name(self.application, release), socket_name(self.application, release)]
        self.systemctl("enable", "--quiet", *names)

    def disable(self, release):
        self.systemctl("disable", "--quiet", target_name(self.application, release), check=False)

    def through_nginx(self):
        path = self.params["health_path"]
        return patiently(lambda: ask(http.client.HTTPConnection("127.0.0.1", timeout=10), path))

    def turn(self, different, old):
        """Replace the links and look through nginx; all goes back where that is not good."""
        before = {link: target_of(link) for link in self.links}
        self.enable(self.release)
        for link, goal in self.links.items():
            if link in different:
                point(link, goal)
        status = self.through_nginx()
        if not is_good(status):
            for link, goal in before.items():
                point(link, goal)
            if old != self.release:
                self.disable(self.release)
            seen = f"status {status}" if status else "no answer"
            raise NotSwitched(
                f"nginx gives {seen} for the release; the one before serves on", status
            )
        return status

    def retire(self, old):
        """Remember the release before, and have the host stop it when it had time to answer.

        No timer: systemd begins to count anew at each daemon-reload, so a busy host never stops it.
        """
        point(f"{self.root}/previous", f"{self.root}/releases/{old}")
        self.disable(old)
        name = drain_name(self.application, old)
        target = target_name(self.application, old)
        stop = f"sleep {self.params['drain']}; exec systemctl stop {target}"
        options = ["--quiet", "--collect", f"--unit={name}"]
        self.systemctl("stop", name, check=False)
        command = ["systemd-run", *options, "/bin/sh", "-c", stop]
        code, _out, err = self.module.run_command(command)
        if code:
            self.module.warn(f"release {old} goes on beside the new one: {err.strip()}")

    def make(self, different):
        old = live(self.application)
        self.open_socket(different)
        self.configure(different)
        status = self.turn(different, old)
        if old and old != self.release:
            self.retire(old)
        return status


def problem(params):
    """What is wrong with the parameters; None where nothing is."""
    if not APPLICATION.fullmatch(params["application"]):
        return f"{params['application']!r} is no name for an application"
    if not RELEASE.fullmatch(params["release"]):
        return f"{params['release']!r} is no name for a release"
    return None if 1 <= params["port"] <= 65535 else f"{params['port']} is no port"
