"""What of a release is on the host: units, journal, ports. All that is asked or changed there."""

from __future__ import annotations

import os

from ansible.module_utils.service_health import listeners
from ansible.module_utils.service_units import owner

UNITS = "/etc/systemd/system"
JOURNAL_LINES = 30


class SystemdFailed(Exception):
    """systemd did not do what it was told."""


class Systemd:
    """The commands of systemd that are used here."""

    def __init__(self, module):
        self._module = module

    def run(self, *words, check=True):
        code, out, err = self._module.run_command(["systemctl", *words])
        if check and code:
            raise SystemdFailed(f"`systemctl {' '.join(words)}` failed: {err.strip()}")
        return code, out

    def show(self, names, *properties):
        """Values by property, for each unit in order."""
        if not names:
            return []
        _code, out = self.run("show", f"--property={','.join(properties)}", *names, check=False)
        blocks = out.strip("\n").split("\n\n")
        return [dict(line.split("=", 1) for line in block.splitlines()) for block in blocks]

    def journal(self, names, since):
        self._module.run_command(["journalctl", "--sync"])
        units_ = [f"--unit={name}" for name in names]
        # With --since alone journalctl of Debian 12 gives the first lines, not the last.
        options = ["--no-pager", "--quiet", "--output=cat", "--reverse", f"--lines={JOURNAL_LINES}"]
        command = ["journalctl", *units_, *options, f"--since=@{since:.0f}"]
        return self._module.run_command(command)[1].splitlines()[::-1]


def read(name):
    try:
        with open(f"{UNITS}/{name}", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(name, text):
    partial = f"{UNITS}/.{name}.partial"
    with open(partial, "w", newline="") as file:
        file.write(text)
    os.chmod(partial, 0o644)
    os.replace(partial, f"{UNITS}/{name}")


def remove_units(systemd, names):
    there = [name for name in names if os.path.lexists(f"{UNITS}/{name}")]
    if there:
        systemd.run("disable", *there, check=False)
    for name in there:
        os.unlink(f"{UNITS}/{name}")
    if there:
        systemd.run("daemon-reload")
        systemd.run("reset-failed", *there, check=False)


def current(application):
    """The release that has the traffic; None where there is none."""
    link = f"/srv/{application}/current"
    return os.path.basename(os.readlink(link)) if os.path.islink(link) else None


def releases(application):
    """Unit files by release, of all that this application has."""
    found = units_of(application)
    found.pop(None, None)
    return found


def units_of(application):
    """The same, with those under None that are no release's: the role proxy's public port."""
    found = {}
    for name in os.listdir(UNITS):
        if not name.startswith(f"{application}-") or not os.path.isfile(f"{UNITS}/{name}"):
            continue
        ours = owner(read(name) or "")
        if ours and ours[0] == application:
            found.setdefault(ours[1], []).append(name)
    return found


def listening_ports(groups):
    """Ports on which processes of these control groups listen, sorted."""
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if os.path.exists(table):
            with open(table) as file:
                found.update(listeners(file.read()))
    inodes = {inode for pid in processes_of(groups) for inode in sockets(pid)}
    return sorted({port for inode, port in found.items() if inode in inodes})


def processes_of(groups):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cgroup") as file:
                lines = file.read().splitlines()
        except OSError:
            continue
        if any(line.endswith(group) for line in lines for group in groups):
            yield pid


def sockets(pid):
    try:
        links = [os.readlink(f"/proc/{pid}/fd/{one}") for one in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return []
    return [link[len("socket:[") : -1] for link in links if link.startswith("socket:[")]
