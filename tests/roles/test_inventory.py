"""The dynamic inventory over AUTODEPLOY_HOME, through Ansible's own command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def listed(source, *, check=True):
    command = [Path(sys.executable).with_name("ansible-inventory"), "-i", source, "--list"]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=check)


@pytest.fixture
def applications(home):
    for name, environment, host in (
        ("shop", "production", "192.0.2.1"),
        ("api", "test", "192.0.2.2"),
    ):
        folder = home / "applications" / name / environment
        folder.mkdir(parents=True)
        alias, group = f"{name}-{environment}-host-1", f"{name}_{environment}"
        content = {
            "_meta": {"hostvars": {alias: {"ansible_host": host, "proxy_port": 20001}}},
            "all": {"children": [group]},
            group: {"hosts": [alias]},
        }
        (folder / "inventory.json").write_text(json.dumps(content))
    return home / "applications"


def test_all_applications_are_merged(applications):
    found = json.loads(listed("inventories/autodeploy.yml").stdout)
    assert found["shop_production"]["hosts"] == ["shop-production-host-1"]
    assert found["_meta"]["hostvars"]["api-test-host-1"] == {
        "ansible_host": {"__ansible_unsafe": "192.0.2.2"},
        "proxy_port": 20001,
    }


def test_a_template_in_a_value_is_not_evaluated(applications):
    inventory = applications / "shop/production/inventory.json"
    inventory.write_text(inventory.read_text().replace("192.0.2.1", "{{ 6 * 7 }}"))
    command = [Path(sys.executable).with_name("ansible"), "-i", inventory, "all"]
    shown = ["-m", "ansible.builtin.debug", "-a", "var=ansible_host", "-c", "local"]
    done = subprocess.run(
        [*command, *shown], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert "{{ 6 * 7 }}" in done.stdout


def test_one_applications_file_is_an_inventory_too(applications):
    found = json.loads(listed(applications / "shop/production/inventory.json").stdout)
    assert list(found["_meta"]["hostvars"]) == ["shop-production-host-1"]


def test_nothing_deployed_is_an_empty_inventory(home):
    assert json.loads(listed("inventories/autodeploy.yml").stdout)["_meta"]["hostvars"] == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"all": 7}'])
def test_a_broken_file_is_named(applications, text):
    broken = applications / "shop/production/inventory.json"
    broken.write_text(text)
    assert str(broken) in " ".join(listed("inventories/autodeploy.yml", check=False).stderr.split())


def test_the_example_has_what_every_role_requires():
    from test_contracts import NAMES, TEMPLATE, options

    found = json.loads(listed("inventories/example").stdout)
    (variables,) = found["_meta"]["hostvars"].values()
    required = {key for name in NAMES for key, one in options(name).items() if one.get("required")}
    site = (CHECKOUT / "playbooks/site.yml").read_text()
    asked = set(re.findall(r"\b((?:service|proxy|artifact|environment)_[a-z_]+)\b(?! \|)", site))
    assert required | asked | TEMPLATE <= set(variables)


def test_without_its_controller_a_run_does_nothing_at_all(applications, monkeypatch, tmp_path):
    monkeypatch.setenv("AUTODEPLOY_CONTROLLER", str(tmp_path / "gone"))
    command = [Path(sys.executable).with_name("ansible-playbook"), "playbooks/site.yml"]
    inventory = applications / "shop/production/inventory.json"
    done = subprocess.run(
        [*command, "-i", inventory, "--tags", "release"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Start the release" not in done.stdout
