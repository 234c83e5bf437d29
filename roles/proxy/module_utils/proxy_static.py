"""Files of a release that nginx serves itself: open to its group, with an ETag of their content."""

from __future__ import annotations

import grp
import hashlib
import os
import posixpath
import stat

GROUP = "www-data"
CHUNK = 1024 * 1024
TIMES = 1_500_000_000
"""Modification times are below it: in the past, whatever the content."""


def group():
    return grp.getgrnam(GROUP).gr_gid


def is_open(folder):
    return os.path.isdir(folder) and os.stat(folder).st_gid == group()


def open_to_nginx(folder, served):
    """Let nginx in, once each served file has a modification time that its content gives.

    nginx makes a file's ETag of its size and its time, and archives give all files one time:
    two releases' pages of one size would be one page to a browser.

    Args:
        folder: The release's; nobody but its owner and its group enters it.
        served: Folders below it.
    """
    for name in served:
        top = os.path.normpath(os.path.join(folder, name))
        # The application runs by now, and may have put a link there.
        if os.path.realpath(top) != top:
            continue
        for _place, _folders, names, descriptor in os.fwalk(top):
            for one in names:
                stamp(one, descriptor)
    os.chown(folder, -1, group())


def stamp(path, folder=None):
    """Give a regular file its time; what else the application has put there is let be."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path, flags, dir_fd=folder)
    except OSError:
        return
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            found = hashlib.sha256()
            for chunk in iter(lambda: os.read(descriptor, CHUNK), b""):
                found.update(chunk)
            time = int.from_bytes(found.digest()[:8], "big") % TIMES
            os.utime(descriptor, (time, time))
    finally:
        os.close(descriptor)


def page(folder, root, path, single_page):
    """The file that nginx gives for a path; None where there is none.

    Args:
        folder: The release's.
        root: The folder below it whose files are the site.
        path: Of a URL.
        single_page: Whether index.html is the page of every path.
    """
    asked = path.partition("?")[0].strip("/")
    names = [asked, f"{asked}.html", f"{asked}/index.html"] if asked else ["index.html"]
    names += ["index.html"] if single_page else []
    paths = (os.path.join(folder, root, posixpath.normpath(name)) for name in names)
    return next((one for one in paths if os.path.isfile(one)), None)
