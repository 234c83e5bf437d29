"""The schema says what the model does."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

import configuration
from autodeploy.errors import UsageError
from autodeploy.settings import load
from autodeploy.settings.schema import schema

GOOD = (
    "",
    "hosts: 2\nx-note: [1]\n",
    "env: {A: b}\nproxy: {timeout: 5}\nhooks: {after_deploy: x}\npackages: [libvips42]\n",
    "processes: {web: null, worker: run}\nrelease_command: null\nport: null\n",
    "environments:\n  staging: {hosts: 1, env: {A: b}}\n  pr-1:\n",
)
BAD = (
    *("hosts: 0", "hosts: true", "hosts: 21", "prot: 1", "target: lab", "env: {A: 1}", "env: []"),
    *("proxy: {timout: 1}", "memory: big", "packages: libvips42", "release_command: ''"),
    *("environments: {staging: {prot: 1}}", "environments: {Big: {}}", "arch: x86", "- 1"),
    "environments: {staging: {hosts: 0}}",
)


@pytest.mark.parametrize("text", [*GOOD, *BAD])
def test_a_file_is_right_by_both_or_by_none(tmp_path, text):
    (tmp_path / "autodeploy.yml").write_text(text)
    checked = jsonschema.Draft202012Validator(schema())
    try:
        load({"environment": "staging"}, tmp_path, {})
    except UsageError:
        assert text in BAD
        assert not checked.is_valid(yaml.safe_load(text))
    else:
        assert text in GOOD
        checked.validate(yaml.safe_load(text))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_setting_is_described_in_the_reference():
    assert configuration.PAGE.read_text() == configuration.page(), (
        "run: PYTHONPATH=tests/kit python tests/kit/configuration.py"
    )
