"""What is done inside of a host that AWS runs itself, whatever it serves."""

from __future__ import annotations

import time
from ipaddress import IPv4Address

from autodeploy.contracts import Contract
from autodeploy.errors import LabBroken
from autodeploy.lab.host import Host

BOOT_SECONDS = 60
WRITE = 'umask 077; cat > "$1"; chown "$2" "$1"; chmod "$3" "$1"'
ANSWERS = 'until (: < "/dev/tcp/$0/$1") 2> /dev/null; do sleep 0.05; done'


class File(Contract):
    """A file on such a host.

    Attributes:
        path: Where it is.
        content: What is in it.
        mode: Its permissions, as chmod reads them; it belongs to the server's user.
    """

    path: str
    content: str
    mode: str = "0640"


def write(host: Host, file: File, user: str) -> None:
    """Write a file that belongs to a user and the group of that name.

    Raises:
        LabBroken: The host does not run, or has no such user.
    """
    words = (file.path, f"{user}:{user}", file.mode)
    host.execute("/bin/sh", "-e", "-c", WRITE, "sh", *words, given=file.content)


def wait_for_systemd(host: Host) -> None:
    """Return when its systemd takes orders.

    Raises:
        LabBroken: It does not in time.
    """
    deadline = time.monotonic() + BOOT_SECONDS
    while True:
        try:
            host.execute("test", "-S", "/run/systemd/private")
        except LabBroken:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def wait_for_port(host: Host, address: IPv4Address, port: int) -> None:
    """Return when something accepts connections where its clients look for it.

    Raises:
        LabBroken: Nothing does in time.
    """
    host.execute("bash", "-c", ANSWERS, str(address), str(port))


def run_unit(host: Host, unit: str, what: str, *words: str) -> None:
    """Have systemctl do something with a unit; `what` is what people call it.

    Raises:
        LabBroken: It failed; the cause is the end of the unit's journal.
    """
    try:
        host.execute("systemctl", *words, f"{unit}.service", timeout=90)
    except LabBroken as error:
        said = host.execute("journalctl", f"--unit={unit}", "--lines=20", "--output=cat")
        raise LabBroken(f"{what} does not run", cause=said) from error
