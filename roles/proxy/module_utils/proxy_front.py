"""What clients meet on a host: links, nginx's site, the public port; each is read, and replaced."""

from __future__ import annotations

import os

from ansible.module_utils.proxy_files import point, read, target_of, write
from ansible.module_utils.proxy_nginx import lacks, wait_for_the_end_of, workers
from ansible.module_utils.proxy_units import public_names

UNITS = "/etc/systemd/system"
SITES = "/etc/nginx/sites-enabled"
SOCK, SITE, PUBLIC, CURRENT, PREVIOUS = "current.sock", "site", "public port", "current", "previous"
TO_A_PROCESS = (PREVIOUS, SOCK, SITE, PUBLIC, CURRENT)
TO_FILES = (PREVIOUS, CURRENT, SITE, PUBLIC, SOCK)
"""The order in which no request meets half of the front: what the site names is there before it."""
NO_PAGE, NO_NGINX = "no-page", "no-nginx"


class NotSwitched(Exception):
    """The release did not get the traffic, or lost it again.

    Attributes:
        status: nginx's or the release's last status; None where there was none.
        reason: NO_PAGE where the release is at fault: it has no file to show; NO_NGINX where nginx
            does not run; None for anything else.
    """

    def __init__(self, message, status=None, reason=None):
        super().__init__(message)
        self.status, self.reason = status, reason


class Systemd:
    """systemctl, and the rest of the host's commands."""

    def __init__(self, module):
        self._module = module

    def command(self, *words):
        """A command's exit code and what it said of an error."""
        code, _out, err = self._module.run_command(list(words))
        return code, err.strip()

    def ctl(self, *words, check=True):
        code, err = self.command("systemctl", *words)
        if check and code:
            raise NotSwitched(f"`systemctl {' '.join(words)}` failed: {err}")
        return code == 0


def wake(systemd):
    """Have nginx run, now and after a boot.

    Raises:
        NotSwitched: It does not start.
    """
    if not lacks(systemd):
        return
    code, err = systemd.command("systemctl", "start", "nginx")
    if code:
        # systemd only says where its journal is.
        _, why = systemd.command("/usr/sbin/nginx", "-t", "-q")
        said = why or err
        raise NotSwitched(f"nginx is not running, and does not start: {said}", reason=NO_NGINX)
    systemd.ctl("enable", "--quiet", "--no-reload", "nginx")


def unread(path):
    """What is there from before a file of nginx's is written until nginx has it.

    Whoever is killed in between leaves it to the next. nginx includes nothing that begins with a
    dot.
    """
    folder, name = os.path.split(path)
    return f"{folder}/.{name}.unread"


def hand_to_nginx(systemd, path, text):
    """Give nginx another text of one of its files, and wait until it has it; None removes the file.

    Raises:
        NotSwitched: nginx refuses it; all is as it was.
    """
    old = read(path)
    write(unread(path), "")
    replace(path, text)
    code, err = systemd.command("/usr/sbin/nginx", "-t", "-q")
    if code:
        replace(path, old)
        os.unlink(unread(path))
        raise NotSwitched(f"nginx refuses the site: {err}")
    before = workers()
    systemd.ctl("reload-or-restart", "nginx")
    wait_for_the_end_of(before)
    os.unlink(unread(path))


def replace(path, text):
    """Write a file, or remove it."""
    if text is not None:
        write(path, text)
    elif os.path.exists(path):
        os.unlink(path)


class Front:
    """The parts by name; None is a part that is not there."""

    def __init__(self, systemd, application):
        self._systemd = systemd
        self._links = {one: f"/srv/{application}/{one}" for one in (SOCK, CURRENT, PREVIOUS)}
        self._site = f"{SITES}/{application}"
        self._public = public_names(application)

    def get(self, part):
        if part in self._links:
            return target_of(self._links[part])
        if part == SITE:
            return read(self._site)
        return tuple(read(f"{UNITS}/{name}") for name in self._public)

    def is_read(self):
        """Whether nginx has the site that is there."""
        return not os.path.exists(unread(self._site))

    def put(self, part, value):
        """Replace a part, where it is another.

        Raises:
            NotSwitched: nginx or systemd refuses it; nginx's is as it was.
        """
        old = self.get(part)
        if old == value and (part != SITE or self.is_read()):
            return
        if part in self._links:
            point(self._links[part], value)
        elif part == SITE:
            hand_to_nginx(self._systemd, self._site, value)
        else:
            self._put_public(value)

    def _put_public(self, texts):
        socket, service = self._public
        self._systemd.ctl("stop", socket, service, check=False)
        if None in texts:
            self._systemd.ctl("disable", "--quiet", socket, check=False)
        for name, text in zip(self._public, texts, strict=True):
            replace(f"{UNITS}/{name}", text)
        self._systemd.ctl("daemon-reload")
        if None not in texts:
            self._systemd.ctl("enable", "--quiet", "--now", socket)
