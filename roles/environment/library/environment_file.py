#!/usr/bin/python
"""Write a release's environment file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_file
short_description: Writes a release's environment file for systemd
description:
  - Writes C(/srv/APPLICATION/environment/RELEASE.env), mode 0600 and root's, in the syntax of
    systemd's EnvironmentFile, so that every value reaches the process unchanged.
  - Removes the files of releases that are no longer there.
  - Neither results nor differences hold values.
options:
  application:
    description: The application's name.
    type: str
    required: true
  release:
    description: The release's name.
    type: str
    required: true
  variables:
    description: Value by name.
    type: dict
    required: true
  secrets:
    description: More of them, which win. Null keeps the value that the file has already.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: partial
    details: Names only.
author: autodeploy
"""

EXAMPLES = r"""
- name: Give the release its secret
  environment_file:
    application: shop
    release: 4f0c2a91d3be
    variables:
      SECRET_KEY: "{{ vault_secret_key }}"
  no_log: true
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
"""

import os
import re

from ansible.module_utils.basic import AnsibleModule

SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Where one of these code points is, that are no characters, systemd leaves the whole file out.
PLANES = range(0, 0x110000, 0x10000)
NONE = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(n | 0xFFFE) + chr(n | 0xFFFF) for n in PLANES) + "]"
)
LONGEST = 128 * 1024 - 1


def quote(value):
    """A value in double quotes; systemd takes the backslash from just these four."""
    return '"' + re.sub(r'([\\"`$])', r"\\\1", value) + '"'


def render(variables):
    """The file's text, names in order."""
    return "".join(f"{name}={quote(value)}\n" for name, value in sorted(variables.items()))


def parse(text):
    """Value by name, of a text that `render` made."""
    found = re.findall(r'^(\w+)="((?:\\.|[^"\\])*)"\n', text, re.DOTALL | re.MULTILINE)
    return {name: re.sub(r'\\([\\"`$])', r"\1", value) for name, value in found}


def complete(secrets, present):
    """The secrets, those without a value with the one that is present."""
    return {name: present.get(name) if value is None else value for name, value in secrets.items()}


def problem(name, value):
    """Why a variable cannot be given to a process, without its value; None where it can."""
    if not NAME.fullmatch(name):
        return f"{name!r} is no name of a variable: letters, digits and _, no digit first"
    if value is None:
        return f"{name} has no value, neither here nor in the release's file"
    if not isinstance(value, str):
        return f"{name} is a {type(value).__name__}, not text: quote it"
    if "\0" in value:
        return f"{name} holds a NUL, which no variable can"
    if NONE.search(value):
        return f"{name} holds a code point that is no character, such as U+FFFE; remove it"
    try:
        size = len(f"{name}={value}".encode())
    except UnicodeEncodeError:
        return f"{name} is no Unicode text"
    return f"{name} is longer than {LONGEST} bytes" if size > LONGEST else None


def read(path):
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


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


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "release": {"type": "str", "required": True},
            "variables": {"type": "dict", "required": True, "no_log": True},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    for name in (params["application"], params["release"]):
        if not SAFE.fullmatch(name):
            module.fail_json(msg=f"{name!r} is no name that can be used on a host")
    root = f"/srv/{params['application']}"
    path = f"{root}/environment/{params['release']}.env"
    before = read(path)
    present = parse(before or "")
    variables = {**params["variables"], **complete(params["secrets"], present)}
    problems = [one for one in map(problem, variables, variables.values()) if one]
    if problems:
        module.fail_json(msg="; ".join(problems))
    after = render(variables)
    different = before != after or not is_private(path)
    old = stale(root, params["release"]) if os.path.isdir(f"{root}/environment") else []
    if not module.check_mode:
        os.makedirs(f"{root}/environment", mode=0o700, exist_ok=True)
        if different:
            write(path, after)
        for one in old:
            os.unlink(one)
    module.exit_json(
        changed=different or bool(old),
        path=path,
        diff={
            "before": "".join(f"{name}\n" for name in present),
            "after": "".join(f"{name}\n" for name in sorted(variables)),
        },
    )


if __name__ == "__main__":
    main()
