"""The traffic given to another release without losing a request."""

from __future__ import annotations

import http.client
import os
import re
from contextlib import suppress

from ansible.module_utils.proxy_files import read, target_of, write
from ansible.module_utils.proxy_front import (
    CURRENT,
    NO_PAGE,
    PREVIOUS,
    PUBLIC,
    SITE,
    SOCK,
    TO_A_PROCESS,
    TO_FILES,
    UNITS,
    Front,
    NotSwitched,
    Systemd,
    wake,
)
from ansible.module_utils.proxy_hops import (
    ACCEPTED,
    UnixConnection,
    accepts,
    ask,
    is_good,
    patiently,
)
from ansible.module_utils.proxy_maintenance import show
from ansible.module_utils.proxy_nginx import lacks
from ansible.module_utils.proxy_static import is_open, open_to_nginx, page
from ansible.module_utils.proxy_units import (
    drain_name,
    public_units,
    service_name,
    socket_name,
    socket_path,
    target_name,
    units,
    workers,
)

APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PREFIX = re.compile(r"/([A-Za-z0-9_-]+/)+")
FOLDER = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?")
PROTOCOLS = ("http", "tcp", "none")
PROCESS_BELOW = 500
FILES_BELOW = 400
OPTIONS = {
    "application": {"type": "str", "required": True},
    "release": {"type": "str", "required": True},
    "protocol": {"type": "str", "default": "http", "choices": list(PROTOCOLS)},
    "port": {"type": "int"},
    "public_port": {"type": "int"},
    "root": {"type": "str"},
    "single_page": {"type": "bool", "default": False},
    "folders": {"type": "dict", "default": {}},
    "health_path": {"type": "str", "default": "/"},
    "drain": {"type": "int", "default": 30},
    "site": {"type": "str"},
    "maintenance": {"type": "str"},
}


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
    page, application = params["maintenance"], params["application"]
    # Before: no visitor of a host that is new misses it. After: the release may have its own.
    is_shown = bool(page) and show(application, page)
    answer = switch.make() if different else switch.outside()
    is_shown = (bool(page) and show(application, page)) or is_shown
    if not is_good(answer, switch.below):
        raise NotSwitched(
            "the release has the traffic, and no good answer comes", status_of(answer)
        )
    seen = {"switched": True, "proxied_status": status_of(answer)}
    return {"changed": bool(different) or is_shown, "diff": diff, "autodeploy": seen}


def what_was_seen(params, error):
    """What the module reports of a switch that was not made."""
    switched = live(params["application"]) == params["release"]
    seen = {"switched": switched, "proxied_status": error.status}
    told = {"healthy": False} if error.reason == NO_PAGE else {}
    return {**seen, **told, **({"reason": error.reason} if error.reason else {})}


def unit_texts(params):
    """The units of the way to a release's port, by file name."""
    port = params["port"]
    return units(params["application"], params["release"], port) if port else {}


def status_of(answer):
    """An answer's HTTP status; None where it is none."""
    return None if answer == ACCEPTED else answer


def live(application):
    """The release that has the traffic now; None where there is none."""
    link = target_of(f"/srv/{application}/current")
    return os.path.basename(link) if link else None


class Switch:
    """One release's way to the traffic on this host."""

    def __init__(self, module, params):
        self.module = module
        self.params = params
        self.systemd = Systemd(module)
        self.application, self.release = params["application"], params["release"]
        self.front = Front(self.systemd, self.application)
        self.folder = f"/srv/{self.application}/releases/{self.release}"
        port, public = params["port"], params["public_port"]
        self.below = PROCESS_BELOW if port else FILES_BELOW
        self.wanted = {
            SOCK: socket_path(self.application, self.release) if port else None,
            SITE: params["site"],
            PUBLIC: tuple(public_units(self.application, public).values()),
            CURRENT: self.folder,
        }
        self.files = {f"{UNITS}/{name}": text for name, text in unit_texts(params).items()}
        root = params["root"]
        self.served = [*params["folders"].values(), *([root] if root else [])]

    def has_units(self, release):
        """Whether anything of a release runs, or did: one that is files alone has no units."""
        return os.path.exists(f"{UNITS}/{target_name(self.application, release)}")

    def is_enabled(self):
        name = target_name(self.application, self.release)
        return os.path.islink(f"{UNITS}/multi-user.target.wants/{name}")

    def differences(self):
        """What is not yet as it should be, by name: (is, should be)."""
        found = {path: (read(path), text) for path, text in self.files.items()}
        found.update({part: (self.front.get(part), one) for part, one in self.wanted.items()})
        if self.files:
            name = socket_name(self.application, self.release)
            is_open_now = self.systemd.ctl("is-active", "--quiet", name, check=False)
            found["socket"] = ("open" if is_open_now else "closed", "open")
        if self.wanted[SITE]:
            found["nginx"] = ("has another site" if not self.front.is_read() else "", "")
            found["nginx itself"] = (", ".join(lacks(self.systemd)), "")
        if self.has_units(self.release):
            found["on boot"] = (self.is_enabled(), True)
        if self.served:
            found["open to nginx"] = (is_open(self.folder), True)
        return {what: pair for what, pair in found.items() if pair[0] != pair[1]}

    def open_socket(self):
        """Start the socket and see the release answer through it, before anybody else does."""
        changed = [path for path, text in self.files.items() if read(path) != text]
        for path in changed:
            write(path, self.files[path])
        name = socket_name(self.application, self.release)
        if changed:
            self.systemd.ctl("daemon-reload")
            proxy = service_name(self.application, self.release)
            self.systemd.ctl("stop", name, proxy, check=False)
        self.systemd.ctl("start", name)
        path = socket_path(self.application, self.release)
        answer = self.ask(lambda: UnixConnection(path))
        if not is_good(answer, self.below):
            raise NotSwitched("the release does not answer behind its socket", answer)

    def ask(self, connect):
        """The answer at one hop, with patience."""
        return patiently(lambda: self.ask_once(connect), self.below)

    def ask_once(self, connect):
        """The answer at one hop, in the application's own protocol."""
        if self.params["protocol"] == "tcp":
            return accepts(connect())
        return ask(connect(), self.params["health_path"])

    def client(self):
        """A connection as clients make it."""
        port = self.params["public_port"] or 80
        return http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def outside(self):
        """The answer where clients come in; where none do there is nothing to ask."""
        return ACCEPTED if self.params["protocol"] == "none" else self.ask(self.client)

    def open_files(self):
        """Let nginx have the release's files; there must be a page among them."""
        asked = (self.params["health_path"], self.params["single_page"])
        root = self.params["root"]
        if root and page(self.folder, root, *asked) is None:
            raise NotSwitched(
                f"the release has no file for {asked[0]} in its folder {root}", reason=NO_PAGE
            )
        if self.served and not is_open(self.folder):
            open_to_nginx(self.folder, self.served)

    def enable(self):
        if self.has_units(self.release):
            ways = [socket_name(self.application, self.release)] if self.files else []
            names = [target_name(self.application, self.release), *ways]
            # What is enabled matters at the next boot, and a reload takes a sixth of a second.
            self.systemd.ctl("enable", "--quiet", "--no-reload", *names)

    def disable(self, release):
        name = target_name(self.application, release)
        self.systemd.ctl("disable", "--quiet", "--no-reload", name, check=False)

    def turn(self, old):
        """Replace every part and look from outside; all goes back where that is not good."""
        order = TO_A_PROCESS if self.files else TO_FILES
        before = {part: self.front.get(part) for part in order}
        leaves = old and old != self.release
        # Pages that are open already ask for files of the release before.
        last = f"/srv/{self.application}/releases/{old}" if leaves else before[PREVIOUS]
        try:
            for part in order:
                self.front.put(part, {**self.wanted, PREVIOUS: last}[part])
            answer = self.outside()
            if not is_good(answer, self.below):
                seen = f"status {answer}" if answer else "no answer"
                raise NotSwitched(f"clients get {seen} of the release", answer)
        except (NotSwitched, OSError) as error:
            for part in reversed(order):
                # One that cannot go back must not keep the others from it.
                with suppress(NotSwitched, OSError):
                    self.front.put(part, before[part])
            if leaves:
                self.disable(self.release)
            status = getattr(error, "status", None)
            raise NotSwitched(f"{error}; {self.after_all(old)}", status) from error
        return answer

    def after_all(self, old):
        """What clients have of the release before, for people."""
        if old is None:
            return "there is none before it"
        is_asked = self.params["protocol"] != "none"
        if is_asked and self.ask_once(self.client) is None:
            return "the one before gives no answer either"
        return "the one before serves on"

    def retire(self, old):
        """Have the host stop the release before when it had time to answer; its workers at once.

        Both releases' workers would do the same work twice, and the old ones by old code.
        No timer: systemd begins to count anew at each daemon-reload, so a busy host never stops it.
        """
        if not self.has_units(old):
            return
        self.disable(old)
        name = drain_name(self.application, old)
        target = target_name(self.application, old)
        idle = workers(read(f"{UNITS}/{target}"), self.application, old)
        first = f"systemctl stop --no-block {' '.join(idle)}; " if idle else ""
        stop = f"{first}sleep {self.params['drain']}; exec systemctl stop {target}"
        options = ["--quiet", "--collect", f"--unit={name}"]
        self.systemd.ctl("stop", name, check=False)
        code, err = self.systemd.command("systemd-run", *options, "/bin/sh", "-c", stop)
        if code:
            self.module.warn(f"release {old} goes on beside the new one: {err}")

    def make(self):
        old = live(self.application)
        drain = drain_name(self.application, self.release)
        self.systemd.ctl("stop", drain, check=False)
        self.open_files()
        if self.files:
            self.open_socket()
        self.enable()
        if self.wanted[SITE]:
            wake(self.systemd)
        answer = self.turn(old)
        if old and old != self.release:
            self.retire(old)
        return answer


def unspeakable(root, folders):
    """A folder or a path of a URL that would have to be quoted in nginx's site; None for none."""
    for folder in (root or ".", *folders.values()):
        if not FOLDER.fullmatch(folder) or ".." in folder.split("/"):
            return folder
    return next((url for url in folders if not PREFIX.fullmatch(url)), None)


def problem(params):
    """What is wrong with the parameters; None where nothing is."""
    if not APPLICATION.fullmatch(params["application"]):
        return f"{params['application']!r} is no name for an application"
    if not RELEASE.fullmatch(params["release"]):
        return f"{params['release']!r} is no name for a release"
    wrong = unspeakable(params.get("root"), params.get("folders") or {})
    if wrong:
        return f"{wrong!r} is nothing that nginx can be told of"
    port, public, protocol = params["port"], params["public_port"], params["protocol"]
    for one in (port, public):
        if one is not None and not 1 <= one <= 65535:
            return f"{one} is no port"
    if (protocol == "tcp") != (public is not None) or (protocol == "tcp" and port is None):
        return "a public port and a port of the release's are what tcp takes, and only tcp"
    if protocol == "http" and not (port or params["root"]):
        return "http takes a port or a root"
    if (protocol == "http") != (params["site"] is not None):
        return "a site is what http takes, and only http"
    return None
