"""The inventory of all applications that autodeploy keeps state of."""

from __future__ import annotations

import json
from pathlib import Path

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin

DOCUMENTATION = r"""
name: autodeploy
short_description: Hosts of the applications that autodeploy has deployed
description:
  - Merges the C(inventory.json) of every application and environment under AUTODEPLOY_HOME, each in
    the form of C(ansible-inventory --list).
  - Given such a JSON file itself, reads that one alone.
options:
  plugin:
    description: Names this plugin.
    type: str
    required: true
    choices: [autodeploy]
author: autodeploy
"""

EXAMPLES = r"""
plugin: autodeploy
"""


def inventory_files(home):
    """The applications' inventories, in the order of their names."""
    return sorted(Path(home).glob("applications/*/*/inventory.json"))


def read(path):
    """One application's inventory.

    Raises:
        AnsibleParserError: It is no such file.
    """
    try:
        content = json.loads(path.read_text())
        hostvars = content.pop("_meta", {}).get("hostvars", {})
        groups = {
            name: (one.get("hosts", []), one.get("children", [])) for name, one in content.items()
        }
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise AnsibleParserError(f"{path} is no inventory of autodeploy's: {error}") from error
    return groups, hostvars


class InventoryModule(BaseInventoryPlugin):
    """Reads files alone: no API is asked.

    Values keep no trust: Ansible evaluates no template in them, whatever a repository wrote there.
    """

    NAME = "autodeploy"

    def verify_file(self, path):
        ours = Path(path).name == "autodeploy.yml" or Path(path).suffix == ".json"
        return super().verify_file(path) and ours

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        if Path(path).suffix == ".json":
            self._add(*read(Path(path)))
            return
        self._read_config_data(path)
        for file in inventory_files(home()):
            self._add(*read(file))

    def _add(self, groups, hostvars):
        for group in groups:
            self.inventory.add_group(group)
        for group, (hosts, children) in groups.items():
            for host in hosts:
                self.inventory.add_host(host, group)
            for child in children:
                self.inventory.add_child(group, child)
        for host, variables in hostvars.items():
            self.inventory.add_host(host)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)


def home():
    """AUTODEPLOY_HOME, as the tool that wrote the files understands it."""
    try:
        from autodeploy import paths
    except ImportError as error:
        raise AnsibleParserError(
            "the inventory plugin needs autodeploy in Ansible's own Python: use .venv/bin"
        ) from error
    return paths.home()
