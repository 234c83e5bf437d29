#!/usr/bin/python
"""Put a language's runtime on a host: verified, whole or not at all, beside other versions."""

from __future__ import annotations

DOCUMENTATION = r"""
module: runtime_release
short_description: Unpacks a language's runtime on a host
description:
  - Verifies the archive's SHA-256, unpacks it under a temporary name and renames it to O(folder).
    A runtime is there as a whole or not at all; one that is there is never changed.
  - Removes what a run that was killed left behind. Other runtimes are not touched.
options:
  folder:
    description: Where the runtime's C(bin) goes, a name of its own below O(root).
    type: path
    required: true
  digest:
    description: The archive's SHA-256, 64 hexadecimal digits.
    type: str
    required: true
  archive:
    description: The gzip-compressed tar archive. The controller's half reads it there, sends it
      where the host lacks O(folder), and gives its path on the host.
    type: path
  root:
    description: The folder of all runtimes.
    type: path
    default: /usr/local/lib/autodeploy/runtimes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Node 22 beside the distribution's
  runtime_release:
    folder: /usr/local/lib/autodeploy/runtimes/node-22.23.3-9f86d081884c
    digest: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    archive: /tmp/node.tar.gz
"""

RETURN = r"""
autodeploy:
  description: What was, or in check mode would be, done.
  returned: success
  type: dict
  contains:
    added:
      description: The folder, where it is new; else null.
      type: str
"""

import hashlib
import os
import re
import shutil

from ansible.module_utils.basic import AnsibleModule

DIGEST = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
PARTIAL = ".partial"
CHUNK = 1024 * 1024


def problem(params):
    """What is wrong with the parameters; None where nothing is."""
    parent, name = os.path.split(os.path.normpath(params["folder"]))
    if parent != os.path.normpath(params["root"]) or not NAME.fullmatch(name):
        return f"{params['folder']} is no runtime's folder below {params['root']}"
    if not DIGEST.fullmatch(params["digest"]):
        return f"{params['digest']!r} is no SHA-256"
    return None


def digest_of(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            found.update(chunk)
    return found.hexdigest()


def clear_partials(root):
    """Remove what a run that was killed left behind."""
    for name in os.listdir(root):
        if name.startswith(".") and name.endswith(PARTIAL):
            shutil.rmtree(os.path.join(root, name))


def bring(module, archive, digest, folder):
    """Verify, unpack and rename; nothing is left where any of it fails.

    The archive is what the controller packed itself, so tar's own guard against names that leave
    the folder is enough.
    """
    found = digest_of(archive)
    if found != digest:
        module.fail_json(msg=f"the archive's SHA-256 is {found} instead of {digest}")
    root, name = os.path.split(folder)
    partial = os.path.join(root, f".{name}{PARTIAL}")
    os.mkdir(partial)
    try:
        command = ["tar", "--extract", "--gzip", "--no-same-owner", "--file", archive]
        code, _out, err = module.run_command([*command, "--directory", partial])
        if code:
            module.fail_json(msg=f"the archive cannot be unpacked: {err.strip()}")
        os.rename(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def run(module):
    params = module.params
    folder, root = os.path.normpath(params["folder"]), os.path.normpath(params["root"])
    missing = not os.path.isdir(folder)
    if missing and not module.check_mode:
        if params["archive"] is None:
            module.fail_json(msg=f"{folder} is missing, and there is no archive of it")
        os.umask(0o022)  # The application's user is to run it, whatever the host's own is.
        os.makedirs(root, exist_ok=True)
        clear_partials(root)
        bring(module, params["archive"], params["digest"], folder)
    module.exit_json(
        changed=missing,
        autodeploy={"added": folder if missing else None},
        diff={"before": "", "after": f"{folder}\n" if missing else ""},
    )


def main():
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "digest": {"type": "str", "required": True},
            "archive": {"type": "path"},
            "root": {"type": "path", "default": "/usr/local/lib/autodeploy/runtimes"},
        },
        supports_check_mode=True,
    )
    wrong = problem(module.params)
    if wrong:
        module.fail_json(msg=wrong)
    try:
        run(module)
    except OSError as error:
        module.fail_json(msg=f"the runtime could not be written: {error}")


if __name__ == "__main__":
    main()
