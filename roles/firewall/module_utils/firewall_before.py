"""The firewall's files as they were before the role's first change."""

from __future__ import annotations

import os

from ansible.module_utils.guard_files import copy, put_back, read, remove, write

KEPT = "/var/lib/autodeploy/firewall"


def keep(files, name, active, folder=KEPT):
    """Copy the files once; the folder appears with all of them in it.

    Args:
        files: Paths of files and folders; those that do not exist are left out.
        name: Whose they are.
        active: Whether that firewall is on.
        folder: Where they are kept.
    """
    if os.path.isdir(folder):
        return
    partial = f"{folder}.partial"
    remove(partial)
    os.makedirs(partial, mode=0o700)
    for path in filter(os.path.exists, files):
        copy(path, kept(path, partial))
    write(partial, "state", {"name": name, "active": active})
    os.rename(partial, folder)


def state(folder=KEPT):
    """`name` and `active` of the firewall that is kept; None where none is."""
    return read(folder, "state")


def kept(path, folder=KEPT):
    """Where the copy of a file is."""
    return os.path.join(folder, path.strip("/").replace("/", "-"))


def different(files, folder=KEPT):
    """The files that are not as their copies are."""
    return [path for path in files if content(kept(path, folder)) not in ({}, content(path))]


def restore(files, folder=KEPT):
    """Make every file what its copy is."""
    for path in different(files, folder):
        put_back(kept(path, folder), path)


def content(path):
    """The bytes of a file, or of each one in a folder, by their paths in it."""
    files = [path] if os.path.isfile(path) else []
    for place, _folders, names in os.walk(path):
        files += [os.path.join(place, name) for name in names]
    found = {}
    for one in files:
        with open(one, "rb") as file:
            found[os.path.relpath(one, path)] = file.read()
    return found
