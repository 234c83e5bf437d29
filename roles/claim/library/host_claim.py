#!/usr/bin/python
"""Take a host for one application, and give it back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_claim
short_description: Takes a host for one application, and gives it back
description:
  - Writes to C(/var/lib/autodeploy/claim) which application the host serves, and beside it which
    packages it has. Fails, and changes nothing, where the host serves another one.
  - With O(state=absent), removes those of O(packages) that the host did not have when it was
    claimed, what came with them and nothing else needs, and the folder. A host that is not the
    application's is let be.
options:
  application:
    description: The application's name.
    type: str
    required: true
  environment:
    description: The application's environment.
    type: str
    required: true
  packages:
    description: Packages that the application's roles may have installed.
    type: list
    elements: str
    default: []
  state:
    description: Whether the host is to be the application's.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
author: autodeploy
"""

EXAMPLES = r"""
- name: The host serves the shop alone
  host_claim:
    application: shop
    environment: production
"""

RETURN = r"""
autodeploy:
  description: What was found and done.
  returned: success
  type: dict
  contains:
    claimed:
      description: Whether the host was the application's before.
      type: bool
    packages_removed:
      description: Packages that were, or in check mode would be, removed.
      type: list
      elements: str
"""

import os
import re
import shutil

from ansible.module_utils.basic import AnsibleModule

FOLDER = "/var/lib/autodeploy"
CLAIM = f"{FOLDER}/claim"
PACKAGES = f"{FOLDER}/packages"
INSTALLED = f"{FOLDER}/installed"  # What other roles have noted besides.
NAME = re.compile(r"[a-z]([a-z0-9-]{0,26}[a-z0-9])?")
REMOVAL = re.compile(r"^(?:Remv|Purg) ([a-z0-9][a-z0-9+.-]*)", re.MULTILINE)
APT = ["/usr/bin/apt-get", "--quiet", "--option=DPkg::Lock::Timeout=300"]


def read(path):
    """A file's lines; None where there is no file."""
    try:
        with open(path) as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return None


def installed(listing):
    """The packages in what dpkg-query lists as `STATUS NAME`, one a line."""
    rows = [line.split() for line in listing.splitlines()]
    return {row[1] for row in rows if len(row) == 2 and row[0].startswith("ii")}


def doomed(simulation, before):
    """What a simulated removal would remove and the host did not have before, sorted."""
    return sorted(set(REMOVAL.findall(simulation)) - before)


class Host:
    """The host's claim and its packages."""

    def __init__(self, module):
        self.module = module
        self.owner = f"{module.params['application']} {module.params['environment']}"

    def run(self, *words):
        _code, out, _err = self.module.run_command(list(words), check_rc=True)
        return out

    def installed(self):
        return installed(self.run("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n"))

    def claimed_by(self):
        lines = read(CLAIM)
        return None if lines is None else " ".join(lines)

    def claim(self):
        """The claim appears last and as a whole: of two that write it, one fails."""
        os.makedirs(FOLDER, mode=0o755, exist_ok=True)
        new = f"{CLAIM}.{os.getpid()}"
        for path, lines in ((PACKAGES, sorted(self.installed())), (new, [self.owner])):
            with open(path, "w") as file:
                file.writelines(f"{line}\n" for line in lines)
        try:
            os.link(new, CLAIM)
        finally:
            os.unlink(new)

    def remove_packages(self):
        """apt itself says what nothing needs any more; gives what was removed.

        To mark ours as not asked for, and not to remove them at once, spares what others need.
        """
        before = set(read(PACKAGES) or self.installed())
        named = {*self.module.params["packages"], *(read(INSTALLED) or ())}
        ours = sorted((self.installed() - before) & named)
        if not ours or self.module.check_mode:
            return ours
        self.run("apt-mark", "auto", *ours)
        gone = doomed(self.run(*APT, "--simulate", "autoremove"), before)
        if gone:
            self.run(*APT, "--yes", "purge", *gone)
        return gone

    def give_back(self):
        removed = self.remove_packages()
        if not self.module.check_mode:
            shutil.rmtree(FOLDER)
        return removed


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "environment": {"type": "str", "required": True},
            "packages": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    for name in ("application", "environment"):
        if not NAME.fullmatch(module.params[name]):
            module.fail_json(msg=f"{module.params[name]!r} is no name for an {name}")
    host = Host(module)
    owner = host.claimed_by()
    ours = owner == host.owner
    removed = []
    if module.params["state"] == "absent":
        removed = host.give_back() if ours else []
    elif owner is not None and not ours:
        module.fail_json(msg=f"the host serves {owner} already: one host serves one application")
    elif not ours and not module.check_mode:
        try:
            host.claim()
        except FileExistsError:
            module.fail_json(msg=f"{host.claimed_by()} has just taken the host")
    changed = ours if module.params["state"] == "absent" else not ours
    module.exit_json(changed=changed, autodeploy={"claimed": ours, "packages_removed": removed})


if __name__ == "__main__":
    main()
