"""nginx's processes: that there are any; a reload is over when those of before take nothing new."""

from __future__ import annotations

import time

PID = "/run/nginx.pid"
LEAVING = "shutting down"
LIMIT_SECONDS = 5
PAUSE_SECONDS = 0.02
NEEDED = {
    ("is-active", "--quiet", "nginx"): "not running",
    ("is-enabled", "--quiet", "nginx"): "not started with the host",
}


def workers():
    """The processes that take connections now."""
    try:
        with open(PID) as file:
            pid = file.read().strip()
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [one for one in file.read().split() if takes_connections(one)]
    except OSError:
        return []


def takes_connections(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return LEAVING not in file.read()
    except OSError:
        return False


def wait_for_the_end_of(before):
    """Wait until no process of `before` takes a connection; not for ever.

    systemctl returns when nginx has the signal; its processes go on with the old configuration.
    """
    deadline = time.monotonic() + LIMIT_SECONDS
    while any(takes_connections(one) for one in before) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)


def lacks(systemd):
    """What nginx is not, of what it must be, for people."""
    return [said for asked, said in NEEDED.items() if not systemd.ctl(*asked, check=False)]
