#!/usr/bin/python
"""A place to build in: a user, a folder, and the packages that a build needs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: build_place
short_description: Has a user, a folder and packages for a build, or has them no longer
description:
  - With O(state=present) there are the user C(build-APPLICATION), its folder
    C(/var/lib/autodeploy/build/APPLICATION/work), which nobody else reads, and O(packages).
  - With O(state=absent) the user and the folder are gone, and so are those of O(packages) that the
    host did not have before, with what came along and nothing else needs; O(keep) stays.
options:
  application:
    description: The application's name.
    type: str
    required: true
  packages:
    description: Debian packages that the build needs.
    type: list
    elements: str
    default: []
  keep:
    description: Packages that stay, since what was built links to them.
    type: list
    elements: str
    default: []
  state:
    description: Whether there is such a place.
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
- name: A place to build psycopg2 in
  build_place:
    application: shop
    packages: [build-essential, libpq-dev, python3-dev]
"""

RETURN = r"""
autodeploy:
  description: What was, or in check mode would be, done to the host's packages.
  returned: success
  type: dict
  contains:
    packages_installed:
      description: Those of O(packages) that were missing.
      type: list
      elements: str
    packages_removed:
      description: All that were taken away.
      type: list
      elements: str
"""

import os
import pwd
import re
import shutil

from ansible.module_utils.basic import AnsibleModule

ROOT = "/var/lib/autodeploy/build"
APPLICATION = re.compile(r"[a-z][a-z0-9-]{0,27}")
PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
REMOVAL = re.compile(r"^(?:Remv|Purg) ([a-z0-9][a-z0-9+.-]*)", re.MULTILINE)
# What is only suggested by something is not needed by it.
UNNEEDED = [
    "--option=APT::AutoRemove::SuggestsImportant=false",
    "--option=APT::AutoRemove::RecommendsImportant=false",
]
APT = ["/usr/bin/apt-get", "--quiet", "--option=DPkg::Lock::Timeout=300"]


def installed(listing):
    """The packages in what dpkg-query lists as `STATUS NAME`, one a line."""
    rows = [line.split() for line in listing.splitlines()]
    return {row[1] for row in rows if len(row) == 2 and row[0].startswith("ii")}


def doomed(simulation, before):
    """What a simulated removal would remove and the host did not have before, sorted."""
    return sorted(set(REMOVAL.findall(simulation)) - before)


class Place:
    """One application's place on the host."""

    def __init__(self, module):
        self.module = module
        application = module.params["application"]
        self.user = f"build-{application}"
        self.folder = f"{ROOT}/{application}"
        self.work = f"{self.folder}/work"
        # What the host had before: beside the folder, so that it outlives a removal that broke off.
        self.before = f"{ROOT}/{application}.packages"

    def run(self, *words):
        _code, out, _err = self.module.run_command(list(words), check_rc=True)
        return out

    def installed(self):
        return installed(self.run("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n"))

    def has_user(self):
        try:
            pwd.getpwnam(self.user)
        except KeyError:
            return False
        return True

    def make(self):
        """The packages that were missing, and whether anything else was."""
        there = self.installed()
        missing = sorted(set(self.module.params["packages"]) - there)
        made = not (self.has_user() and os.path.isdir(self.work))
        if self.module.check_mode:
            return missing, made
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        if not os.path.exists(self.before):
            with open(f"{self.before}.new", "w") as file:
                file.writelines(f"{name}\n" for name in sorted(there))
            os.rename(f"{self.before}.new", self.before)
        if missing:
            self.run(*APT, "update")
            self.run(*APT, "--yes", "--no-install-recommends", "install", *missing)
        self.have_user()
        return missing, made

    def have_user(self):
        if not self.has_user():
            options = ["--system", "--user-group", "--no-create-home", "--home-dir", self.work]
            self.run("/usr/sbin/useradd", *options, "--shell", "/usr/sbin/nologin", self.user)
        if not os.path.isdir(self.work):
            os.mkdir(self.work, 0o700)
        owner = pwd.getpwnam(self.user)
        os.chown(self.work, owner.pw_uid, owner.pw_gid)

    def remove(self):
        """The packages that went, and whether anything else did."""
        there = self.has_user() or os.path.isdir(self.folder)
        removed = self.remove_packages()
        if not self.module.check_mode:
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.has_user():
                self.run("/usr/sbin/userdel", self.user)
            if os.path.exists(self.before):
                os.unlink(self.before)
        return removed, there

    def remove_packages(self):
        """apt itself says what nothing needs any more.

        To mark ours as not asked for, and not to remove them at once, spares what others need.
        """
        try:
            with open(self.before) as file:
                before = set(file.read().split())
        except FileNotFoundError:
            return []
        keep = set(self.module.params["keep"])
        new = self.installed() - before
        ours = sorted((new & set(self.module.params["packages"])) - keep)
        if not ours or self.module.check_mode:
            return ours
        if new & keep:
            self.run("apt-mark", "manual", *sorted(new & keep))
        self.run("apt-mark", "auto", *ours)
        gone = doomed(self.run(*APT, *UNNEEDED, "--simulate", "autoremove"), before)
        if gone:
            self.run(*APT, "--yes", "purge", *gone)
        return gone


def wrong(params):
    """What is wrong with the parameters; None where nothing is."""
    if not APPLICATION.fullmatch(params["application"]):
        return f"{params['application']!r} is no name for an application"
    bad = [one for one in (*params["packages"], *params["keep"]) if not PACKAGE.fullmatch(one)]
    return f"{bad[0]!r} is no name of a package" if bad else None


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "packages": {"type": "list", "elements": "str", "default": []},
            "keep": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    problem = wrong(module.params)
    if problem:
        module.fail_json(msg=problem)
    place = Place(module)
    present = module.params["state"] == "present"
    packages, other = place.make() if present else place.remove()
    done = {
        "packages_installed": packages if present else [],
        "packages_removed": [] if present else packages,
    }
    module.exit_json(changed=bool(packages) or other, autodeploy=done)


if __name__ == "__main__":
    main()
