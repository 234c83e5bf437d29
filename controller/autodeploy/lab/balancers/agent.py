"""What runs inside a balancer's host, for one command at a time: `python3 agent.py COMMAND`.

Its input is JSON: it may hold private keys, so it comes through standard input only. Nothing but
Python's own library is there.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CONFIG = Path("/etc/haproxy/haproxy.cfg")
CERTIFICATES = Path("/etc/haproxy/certificates")
STATE = Path("/run/haproxy/servers.state")
WORKER = "/run/haproxy/admin.sock"
MASTER = "/run/haproxy-master.sock"
RELOAD_SECONDS = 10
# A server that is down until its checks say otherwise, in HAProxy's version 1 of that file.
NEW = "0 {group} 0 {server} {address} 0 0 1 1 0 1 0 0 6 0 0 0 - {port} - 0 0 - - 0"

Server = tuple[str, str]


def main() -> None:
    """Do what the first argument says."""
    commands: dict[str, Callable[[dict[str, Any]], str]] = {
        "alive": lambda _: _ask(WORKER, "show info"),
        "health": lambda _: _ask(WORKER, "show stat -1 4 -1"),
        "counts": lambda _: _ask(WORKER, "show stat -1 5 -1"),
        "apply": _apply,
        "end": _end_sessions,
    }
    given = sys.stdin.read()
    sys.stdout.write(commands[sys.argv[1]](json.loads(given) if given else {}))


def merged(dumped: str, wanted: list[Server]) -> str:
    """The state that a new worker begins with: the old one's, and new servers down."""
    known = {tuple(line.split()[1:4:2]): line for line in dumped.splitlines()[2:] if line}
    return "\n".join(["1", *(known.get(one) or _new(*one) for one in wanted), ""])


def workers(processes: str) -> list[int]:
    """The workers in an answer to `show proc`, the current one first."""
    rows = [line.split() for line in processes.splitlines()]
    return [int(row[0]) for row in rows if len(row) > 1 and row[1] == "worker"]


def _new(group: str, server: str) -> str:
    address, _, port = server.rpartition(":")
    return NEW.format(group=group, server=server, address=address, port=port)


def _apply(given: dict[str, Any]) -> str:
    _write(given["certificates"])
    written = CONFIG.with_suffix(".new")
    written.write_text(given["config"])
    checked = subprocess.run(
        ["haproxy", "-c", "-q", "-f", str(written)], capture_output=True, text=True, check=False
    )
    if checked.returncode:
        sys.exit(checked.stderr)
    _no_more_requests(given["draining"])
    wanted = [(group, server) for group, server in given["servers"]]
    STATE.write_text(merged(_ask(WORKER, "show servers state"), wanted))
    written.rename(CONFIG)
    _reload()
    _forget(given["certificates"])
    return ""


def _write(certificates: dict[str, str]) -> None:
    CERTIFICATES.mkdir(mode=0o700, exist_ok=True)
    for path, pem in certificates.items():
        Path(path).touch(mode=0o600)
        Path(path).write_text(pem)


def _forget(certificates: dict[str, str]) -> None:
    for one in CERTIFICATES.iterdir():
        if str(one) not in certificates:
            one.unlink()


def _reload() -> None:
    """Wait until another worker is the current one: it has the listeners then."""
    processes = _ask(MASTER, "show proc")
    master = next(int(line.split()[0]) for line in processes.splitlines() if " master " in line)
    before = workers(processes)[:1]
    os.kill(master, signal.SIGUSR2)
    deadline = time.monotonic() + RELOAD_SECONDS
    while workers(_patient(MASTER, "show proc"))[:1] in (before, []):
        if time.monotonic() > deadline:
            sys.exit("HAProxy did not take the configuration")
        time.sleep(0.01)


def sessions(listed: str, servers: list[Server]) -> list[str]:
    """The sessions on these servers in an answer to `show sess`."""
    ends = tuple(f" be={group} srv={server} " for group, server in servers)
    return [
        line.partition(":")[0] for line in listed.splitlines() if any(one in line for one in ends)
    ]


def _end_sessions(given: dict[str, Any]) -> str:
    """One by one: an old worker does not find servers by their names any more."""
    servers = [(group, server) for group, server in given["servers"]]
    for worker in workers(_ask(MASTER, "show proc")):
        for session in sessions(_ask(MASTER, f"@!{worker} show sess"), servers):
            _ask(MASTER, f"@!{worker} shutdown session {session}")
    return ""


def _no_more_requests(servers: list[Server]) -> None:
    """For connections that the worker keeps when another one replaces it."""
    for group, server in servers:
        _ask(WORKER, f"set server {group}/{server} state maint")


def _patient(path: str, command: str) -> str:
    """The answer, or nothing while the master replaces itself."""
    try:
        return _ask(path, command)
    except OSError:
        return ""


def _ask(path: str, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(RELOAD_SECONDS)
        connection.connect(path)
        connection.sendall(f"{command}\n".encode())
        connection.shutdown(socket.SHUT_WR)  # the master waits for another command otherwise
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


if __name__ == "__main__":
    main()
