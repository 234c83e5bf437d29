"""A release's environment file, root's alone."""

from __future__ import annotations

import os
import re

from ansible.module_utils.environment_text import complete, parse, problem, render

SRV = "/srv"
SHORTEST = 4
"""A secret's text is taken out where it has so many characters: less is in everything."""
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
OPTIONS = {
    "application": {"type": "str", "required": True},
    "release": {"type": "str", "required": True},
    "variables": {"type": "dict", "required": True, "no_log": True},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
}


class Refused(Exception):
    """The variables are none that a process can have."""


def read(path):
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def file_of(application, release):
    return f"{SRV}/{application}/environment/{release}.env"


def masked(lines, application, release, names):
    """Lines without the values that a release's environment file has for these names."""
    present = parse(read(file_of(application, release)) or "")
    values = [value for name, value in present.items() if name in names]
    parts = {part for value in values for part in (value, *value.splitlines())}
    texts = sorted((part for part in parts if len(part) >= SHORTEST), key=len, reverse=True)
    if not texts:
        return lines
    pattern = re.compile("|".join(map(re.escape, texts)))
    return [pattern.sub("***", line) for line in lines]


def write(path, text):
    """Replace the file in one step; it is root's alone from its first byte on."""
    partial = path + ".partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8") as file:
        os.fchown(descriptor, 0, 0)
        os.fchmod(descriptor, 0o600)
        file.write(text)
    os.replace(partial, path)


def is_private(path):
    status = os.stat(path)
    return (status.st_mode & 0o777, status.st_uid, status.st_gid) == (0o600, 0, 0)


def stale(root, release):
    """Files of releases whose folder is gone."""
    folder = f"{root}/environment"
    there = [name[:-4] for name in os.listdir(folder) if name.endswith(".env")]
    gone = [one for one in there if one != release and not os.path.isdir(f"{root}/releases/{one}")]
    return [f"{folder}/{name}.env" for name in gone]


def provide(module, params):
    """Write the release's file, and remove those of releases that are gone.

    Returns:
        The result of the module environment_file.

    Raises:
        Refused: A variable cannot be given to a process; the file is as it was.
    """
    for name in (params["application"], params["release"]):
        if not SAFE.fullmatch(name):
            raise Refused(f"{name!r} is no name that can be used on a host")
    root = f"{SRV}/{params['application']}"
    path = file_of(params["application"], params["release"])
    before = read(path)
    present = parse(before or "")
    variables = {**params["variables"], **complete(params["secrets"], present)}
    problems = [one for one in map(problem, variables, variables.values()) if one]
    if problems:
        raise Refused("; ".join(problems))
    after = render(variables)
    different = before != after or not is_private(path)
    old = stale(root, params["release"]) if os.path.isdir(f"{root}/environment") else []
    if not module.check_mode:
        os.makedirs(f"{root}/environment", mode=0o700, exist_ok=True)
        if different:
            write(path, after)
        for one in old:
            os.unlink(one)
    return {
        "changed": different or bool(old),
        "path": path,
        "diff": {
            "before": "".join(f"{name}\n" for name in present),
            "after": "".join(f"{name}\n" for name in sorted(variables)),
        },
    }
