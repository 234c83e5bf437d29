"""Archives that are verified before, and distrusted while, they are unpacked."""

from __future__ import annotations

import hashlib
import os
import posixpath
import shutil
import tarfile

CHUNK = 1024 * 1024
SYSTEM = "/usr/"


class Refused(Exception):
    """The archive is not what was announced, or holds what must not be unpacked."""


def escapes(path):
    """Whether a relative path leaves the folder it is relative to."""
    clean = posixpath.normpath(path)
    return clean == ".." or clean.startswith(("/", "../"))


def refusal(member):
    """Why a member of an archive is not unpacked; None where nothing speaks against it."""
    if not member.name or escapes(member.name) or ".." in member.name.split("/"):
        return "its name leaves the archive"
    if member.issym():
        return link_refusal(member.name, member.linkname)
    if member.islnk():
        return "it links to what leaves the archive" if escapes(member.linkname) else None
    if not (member.isreg() or member.isdir()):
        return "it is a device, a pipe or the like"
    return None


def link_refusal(name, target):
    """Links stay inside; only the system's own programs (a venv's Python) may be pointed to."""
    if target.startswith("/"):
        inside = posixpath.normpath(target).startswith(SYSTEM)
        return None if inside else "it links out of the archive"
    if not target or escapes(posixpath.join(posixpath.dirname(name), target)):
        return "it links out of the archive"
    return None


def verify(file, digest):
    """Read an open archive to its end, compare its SHA-256, and wind it back.

    Raises:
        Refused: It is another one.
    """
    found = hashlib.sha256()
    for chunk in iter(lambda: file.read(CHUNK), b""):
        found.update(chunk)
    if found.hexdigest() != digest:
        raise Refused(f"the archive's SHA-256 is {found.hexdigest()} instead of {digest}")
    file.seek(0)


def unpack(file, folder, uid, gid):
    """Unpack an open archive into an empty folder, owned by `uid` and `gid`.

    Raises:
        Refused: A member is not acceptable, or the archive is damaged.
    """
    own(folder, uid, gid)
    # A folder that was seen to be one stays one: no member replaces what is there.
    known = {folder}
    try:
        with tarfile.open(fileobj=file, mode="r|gz") as tar:
            for member in tar:
                reason = refusal(member)
                if reason:
                    raise Refused(f"{member.name!r} in the archive is refused: {reason}")
                place(tar, member, folder, uid, gid, known)
    except (tarfile.TarError, EOFError, UnicodeError) as error:
        raise Refused(f"the archive is damaged: {error}") from error


def place(tar, member, folder, uid, gid, known):
    """Write one accepted member; `known` are the folders that are there."""
    name = posixpath.normpath(member.name)
    target = os.path.join(folder, name)
    make_folders(folder, posixpath.dirname(name), uid, gid, known)
    if member.isdir():
        make_folders(folder, name, uid, gid, known)
        return
    if os.path.lexists(target):
        raise Refused(f"{member.name!r} is in the archive twice")
    if member.issym():
        os.symlink(member.linkname, target)
    elif member.islnk():
        link(member, folder, target)
    else:
        with open(target, "xb") as file:
            shutil.copyfileobj(tar.extractfile(member), file, CHUNK)
        os.chmod(target, 0o755 if member.mode & 0o100 else 0o644)
        os.utime(target, (member.mtime, member.mtime))
    own(target, uid, gid)


def link(member, folder, target):
    name = posixpath.normpath(member.linkname)
    source = os.path.join(folder, name)
    check_folders(folder, posixpath.dirname(name))
    if os.path.islink(source) or not os.path.isfile(source):
        raise Refused(f"{member.name!r} links to {member.linkname!r}, which is no file before it")
    os.link(source, target)


def make_folders(folder, name, uid, gid, known):
    """Make the folders of a relative path, never going through a link that the archive made."""
    path = folder
    for part in [one for one in name.split("/") if one not in ("", ".")]:
        path = os.path.join(path, part)
        if path in known:
            continue
        if not os.path.lexists(path):
            os.mkdir(path, 0o755)
            own(path, uid, gid)
        check_folder(path, name)
        known.add(path)


def check_folders(folder, name):
    path = folder
    for part in [one for one in name.split("/") if one not in ("", ".")]:
        path = os.path.join(path, part)
        check_folder(path, name)


def check_folder(path, name):
    if os.path.islink(path) or not os.path.isdir(path):
        raise Refused(f"{name!r} in the archive goes through something that is no folder")


def own(path, uid, gid):
    os.chown(path, uid, gid, follow_symlinks=False)
