"""The page of maintenance: where it is, what it says, and where it cannot be shown."""

from __future__ import annotations

import os
import stat

from ansible.module_utils.proxy_files import read, write

SITES = "/etc/nginx/sites-enabled"
NAME = "maintenance.html"
LONGEST = 1024 * 1024


def page_of(application, home="/srv"):
    """The file that nginx looks for."""
    return f"{home}/{application}/{NAME}"


def problem(application, home="/srv", sites=SITES):
    """Why visitors cannot be shown it; None where they can."""
    site = read(f"{sites}/{application}")
    if site is None:
        return f"nginx has no site of {application} here: it answers nobody over HTTP"
    if page_of(application, home) not in site:
        return "the site is of an older version of autodeploy: deploy once, then try again"
    return None


def show(application, page, home="/srv"):
    """Let visitors meet the page of the release that has the traffic, or else the one given.

    Returns:
        Whether they met another, or none.
    """
    path, wanted = page_of(application, home), own_page(application, home) or page
    if read(path) == wanted:
        return False
    write(path, wanted)
    return True


def own_page(application, home="/srv"):
    """The page of the release that has the traffic; None where it has none that can be read.

    Root reads it for the world: what the release calls so must be a file, not a way to another.
    """
    path = f"{home}/{application}/current/{NAME}"
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        seen = os.fstat(opened)
        if not stat.S_ISREG(seen.st_mode) or seen.st_nlink > 1 or seen.st_size > LONGEST:
            return None
        return os.read(opened, LONGEST).decode("utf-8", "replace")
    finally:
        os.close(opened)
