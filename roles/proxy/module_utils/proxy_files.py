"""Files and links that are replaced in one step."""

from __future__ import annotations

import os


def read(path):
    try:
        with open(path, newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(path, text):
    """Replace a file; its partial name begins with a dot, so that nothing includes it."""
    partial = f"{os.path.dirname(path)}/.{os.path.basename(path)}.partial"
    with open(partial, "w", newline="") as file:
        file.write(text)
    os.chmod(partial, 0o644)
    os.replace(partial, path)


def target_of(link):
    return os.readlink(link) if os.path.islink(link) else None


def point(link, target):
    """Make a link, or replace it in one step; None removes it."""
    if target is None:
        if os.path.islink(link):
            os.unlink(link)
        return
    partial = link + ".partial"
    if os.path.lexists(partial):
        os.unlink(partial)
    os.symlink(target, partial)
    os.replace(partial, link)
