"""A process that ends unless it is locked in, and sleeps otherwise."""

import os
import signal
import socket
from pathlib import Path


def lets(act, *words):
    """Whether the system lets us."""
    try:
        act(*words)
    except OSError:
        return False
    return True


def others():
    """Processes of other users that we see."""
    pids = [one for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [one for one in pids if one.stat().st_uid != os.getuid()]


OWN = ["here", "../../shared/kept", f"{os.environ['XDG_CACHE_HOME']}/cached", "/tmp/own"]  # noqa: S108
OTHER = {"1": "2", "2": "1"}[Path.cwd().name]
FOREIGN = ["/etc/mine", "/usr/mine", "/var/lib/mine", "/srv/shop/mine", f"../{OTHER}/mine"]
problems = {
    **{f"cannot write {path}": not lets(Path(path).touch) for path in OWN},
    **{f"writes {path}": lets(Path(path).touch) for path in FOREIGN},
    "reads /root": lets(os.listdir, "/root"),
    "sees others' processes": bool(others()),
    "sends raw packets": lets(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
    "cannot list interfaces": not lets(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW),
    "becomes root": lets(os.setuid, 0),
    "raises its priority": lets(os.nice, -1),
}
said = [what for what, is_so in problems.items() if is_so]
if said:
    raise SystemExit("; ".join(said))
signal.pause()
