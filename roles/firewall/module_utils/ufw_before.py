"""UFW's files as they were before the role's first change."""

from __future__ import annotations

import os
import shutil

KEPT = "/var/lib/autodeploy/firewall"
FILES = ("/etc/default/ufw", "/etc/ufw/ufw.conf", "/etc/ufw/user.rules", "/etc/ufw/user6.rules")


def keep(folder=KEPT, files=FILES):
    """Copy the files once; the folder appears with all of them in it."""
    if os.path.isdir(folder):
        return
    partial = f"{folder}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial, mode=0o700)
    for path in filter(os.path.exists, files):
        shutil.copy2(path, kept(path, partial))
    os.rename(partial, folder)


def kept(path, folder=KEPT):
    """Where the copy of a file is."""
    return os.path.join(folder, path.strip("/").replace("/", "-"))


def different(folder=KEPT, files=FILES):
    """The files that are not as their copies are."""
    return [path for path in files if read(kept(path, folder)) not in (None, read(path))]


def put_back(folder=KEPT, files=FILES):
    """Give every file the text of its copy; owner and mode stay."""
    for path in different(folder, files):
        with open(path, "w") as file:
            file.write(read(kept(path, folder)))


def was_enabled(folder=KEPT):
    """Whether UFW was on."""
    return "ENABLED=yes" in (read(kept("/etc/ufw/ufw.conf", folder)) or "").split()


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None
