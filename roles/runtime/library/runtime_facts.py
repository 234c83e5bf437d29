#!/usr/bin/python
"""Say which runtime of a language a host has, and whether it is the right one."""

from __future__ import annotations

DOCUMENTATION = r"""
module: runtime_facts
short_description: Reads and verifies a language's runtime
description:
  - Says which version of a language's runtime the host has and which packages are missing.
  - With O(version), fails where the host has another one. Changes nothing, ever.
options:
  language:
    description: The language.
    type: str
    required: true
    choices: [python, node, go, static]
  version:
    description: The version that the host must have, as many numbers as matter (V(3.11), V(18),
      V(22.23.3)); empty accepts any.
    type: str
  folder:
    description: Where the runtime's C(bin) is; only C(/usr) can have missing packages.
    type: path
    default: /usr
  may_lack:
    description: Whether it is no failure that there is none yet.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: The host must have some Python 3.11
  runtime_facts:
    language: python
    version: "3.11"
"""

RETURN = r"""
missing:
  description: The distribution's packages that are still to be installed.
  returned: always
  type: list
  elements: str
autodeploy:
  description: What the host has.
  returned: always
  type: dict
  contains:
    runtime_version:
      description: The whole version; null where the language needs none, or there is none yet.
      type: str
"""

import os
import re

from ansible.module_utils.basic import AnsibleModule

RUNTIMES = {
    "python": ("python3", ["python3"]),
    "node": ("node", ["nodejs"]),
}


def parse_version(output):
    """The version in what `python3 --version` or `node --version` prints; None where none is."""
    found = re.search(r"\d+(\.\d+)*", output)
    return found.group() if found else None


def is_of_line(version, line):
    """Whether 3.11.2 is of 3.11: all numbers of the line are the version's first ones."""
    wanted = line.split(".")
    return version.split(".")[: len(wanted)] == wanted


def read_version(module, binary):
    try:
        code, out, err = module.run_command([binary, "--version"], handle_exceptions=False)
    except OSError:
        return None
    return parse_version(out or err) if code == 0 else None


def main():
    module = AnsibleModule(
        argument_spec={
            "language": {
                "type": "str",
                "required": True,
                "choices": ["python", "node", "go", "static"],
            },
            "version": {"type": "str"},
            "folder": {"type": "path", "default": "/usr"},
            "may_lack": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    language, line = module.params["language"], module.params["version"]
    folder = module.params["folder"]
    binary, packages = RUNTIMES.get(language, (None, []))
    version = read_version(module, os.path.join(folder, "bin", binary)) if binary else None
    missing = packages if binary and version is None else []
    result = {"missing": missing, "autodeploy": {"runtime_version": version}}
    if line and missing and (module.check_mode or module.params["may_lack"]):
        module.exit_json(changed=module.check_mode, **result)
    if line and binary and not (version and is_of_line(version, line)):
        there = f"{language} {version}" if version else f"no {language}"
        where = "" if folder == "/usr" else f" in {folder}"
        msg = f"the host has {there}{where}, the application needs {line}"
        module.fail_json(msg=msg, **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
