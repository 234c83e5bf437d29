#!/usr/bin/python
"""Give the traffic to another release without losing a request."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_switch
short_description: Gives the traffic to another release
description:
  - Opens the release's socket, asks its health path through it, then replaces the links
    C(/srv/APPLICATION/current.sock) and C(/srv/APPLICATION/current) by rename. nginx is reloaded
    only where the site's configuration is another one.
  - Asks the health path through nginx. Where the answer is not good, the links go back to the
    release before and the module fails.
  - The release with the traffic starts on boot, the one before does no more and is stopped by the
    host itself after O(drain) seconds.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release that is to take the traffic; it runs already.
    type: str
    required: true
  port:
    description: The loopback port on which the release listens.
    type: int
    required: true
  health_path:
    description: The path to ask.
    type: str
    default: /
  drain:
    description: Seconds that the release before has to answer what it was asked.
    type: int
    default: 30
  site:
    description: The text of nginx's site.
    type: str
    required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Switch to the release
  release_switch:
    application: shop
    release: 4f0c2a91d3be
    port: 20123
    site: "{{ lookup('ansible.builtin.template', 'site.conf.j2') }}"
"""

RETURN = r"""
autodeploy:
  description: What came of it.
  returned: always, but in check mode
  type: dict
  contains:
    switched:
      description: Whether the release has the traffic.
      type: bool
    proxied_status:
      description: The status of the health path through nginx; null where there was no answer.
      type: int
"""

import http.client
import os
import re
import socket
import time

from ansible.module_utils.basic import AnsibleModule
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
TRIES = 20
PAUSE_SECONDS = 0.25
BAD_FROM = 500


class NotSwitched(Exception):
    """The release did not get the traffic, or lost it again."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(connection, path):
    """The status of a path; None where there is no answer."""
    try:
        connection.request("GET", path, headers={"User-Agent": "autodeploy-health"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def is_good(status):
    """Whether this hop works; the release itself was judged before it came here."""
    return status is not None and status < BAD_FROM


def patiently(request):
    """The first good answer; the last one where there is none."""
    status = request()
    for _again in range(TRIES - 1):
        if is_good(status):
            break
        time.sleep(PAUSE_SECONDS)
        status = request()
    return status


def read(path):
    try:
        with open(path, newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path, text):
    """Replace a file; its partial name begins with a dot, so that nothing includes it."""
    partial = f"{os.path.dirname(path)}/.{os.path.basename(path)}.partial"
    with open(partial, "w", newline="") as file:
        file.write(text)
    os.chmod(partial, 0o644)
    os.replace(partial, path)


def target_of(link):
    return os.readlink(link) if os.path.islink(link) else None


def point(link, target):
    """Make a link, or replace it in one step; None removes it."""
    if target is None:
        if os.path.islink(link):
            os.unlink(link)
        return
    partial = link + ".partial"
    if os.path.lexists(partial):
        os.unlink(partial)
    os.symlink(target, partial)
    os.replace(partial, link)


class Switch:
    """One release's way to the traffic on this host."""

    def __init__(self, module):
        self.module = module
        self.params = module.params
        self.application, self.release = module.params["application"], module.params["release"]
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

    def before(self):
        """The release that has the traffic now; None where there is none."""
        link = target_of(f"{self.root}/current")
        return os.path.basename(link) if link else None

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
        old = self.before()
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


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "release": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "health_path": {"type": "str", "default": "/"},
            "drain": {"type": "int", "default": 30},
            "site": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    wrong = problem(module.params)
    if wrong:
        module.fail_json(msg=wrong)
    switch = Switch(module)
    different = switch.differences()
    diff = {
        side: "".join(f"{what}: {pair[at]}\n" for what, pair in different.items())
        for at, side in enumerate(("before", "after"))
    }
    if module.check_mode:
        module.exit_json(changed=bool(different), diff=diff)
    try:
        status = switch.make(different) if different else switch.through_nginx()
        if not is_good(status):
            raise NotSwitched("the release has the traffic, and nginx gets no good answer", status)
    except NotSwitched as error:
        done = {"switched": switch.before() == switch.release, "proxied_status": error.status}
        module.fail_json(msg=str(error), autodeploy=done)
    done = {"switched": True, "proxied_status": status}
    module.exit_json(changed=bool(different), diff=diff, autodeploy=done)


if __name__ == "__main__":
    main()
