"""Files as they were before a change, and the program that puts them back.

A host keeps a copy of this file and runs it when nobody has confirmed the change in time: it stands
alone, and needs nothing of Ansible's.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from contextlib import contextmanager

FOLDER = "/var/lib/autodeploy/guard"
LOCK = "/run/autodeploy-guard.lock"
NEW = ".revert"  # What the name of a file that is being put back ends with.


@contextmanager
def locked(lock=LOCK):
    """One of those that arm, confirm and revert at a time."""
    with open(lock, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read(folder, name):
    """What one of the guard's files holds; None where there is no such file."""
    try:
        with open(os.path.join(folder, name)) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def write(folder, name, value):
    """Give one of the guard's files its content, as a whole and on the disk."""
    path = os.path.join(folder, name)
    with open(path + ".new", "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)


def copy(source, target):
    """Copy a file, link or folder with its owner, mode and attributes; the target is new."""
    found = os.lstat(source)
    if stat.S_ISDIR(found.st_mode):
        os.mkdir(target, mode=0o700)
        for name in os.listdir(source):
            copy(os.path.join(source, name), os.path.join(target, name))
    else:
        shutil.copyfile(source, target, follow_symlinks=False)
    os.chown(target, found.st_uid, found.st_gid, follow_symlinks=False)
    shutil.copystat(source, target, follow_symlinks=False)


def is_folder(path):
    return os.path.isdir(path) and not os.path.islink(path)


def remove(path):
    """Take away whatever is there, if anything."""
    if is_folder(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def put_back(kept, path):
    """Make a path what its copy is: files as a whole, and a folder has no more than it had."""
    if is_folder(kept) and is_folder(path):
        names = os.listdir(kept)
        for name in set(os.listdir(path)) - set(names):
            remove(os.path.join(path, name))
        for name in names:
            put_back(os.path.join(kept, name), os.path.join(path, name))
        owner = os.stat(kept)
        os.chown(path, owner.st_uid, owner.st_gid)
        shutil.copystat(kept, path)
        return
    remove(path + NEW)
    copy(kept, path + NEW)
    if is_folder(kept) or is_folder(path):
        remove(path)  # Else the new name takes the old one's place at once.
    os.rename(path + NEW, path)


def load(command):
    """Run a command; gives what went wrong, if anything."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return [f"{' '.join(command)}: {error}"]
    return [f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}"] * bool(done.returncode)


def boot():
    """Which boot this is."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def is_due(armed):
    """Whether an armed guard's time is over; after a boot only its timer knows.

    One that fires while another change is being armed waits for it, and is not for that one.
    """
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    return armed.get("boot") != boot() or now >= armed.get("until", 0)


def revert(folder=FOLDER, lock=LOCK):
    """Put back all that is kept, load it again, and note what was done. Can be repeated."""
    with locked(lock):
        armed = read(folder, "armed")
        if armed is None or not is_due(armed):
            return
        failures = []
        # What was kept last is first: a folder may have been kept after a file in it was changed.
        for path, kept in reversed(armed["paths"].items()):
            try:
                put_back(kept, path) if kept else remove(path)
            except OSError as error:
                failures.append(f"{path}: {error}")
        for command in armed["reload"]:
            failures += load(command)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        noted = {"at": at, "paths": sorted(armed["paths"]), "failures": failures}
        write(folder, "reverted", {**noted, "why": armed["why"]})
        os.unlink(os.path.join(folder, "armed"))
        remove(os.path.join(folder, "kept"))


if __name__ == "__main__":
    revert(sys.argv[1])
