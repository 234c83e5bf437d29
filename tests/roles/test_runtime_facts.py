"""Versions and lines."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("runtime/library/runtime_facts.py")


@pytest.mark.parametrize(
    ("output", "version"),
    [("Python 3.11.2\n", "3.11.2"), ("v18.20.4\n", "18.20.4"), ("v20\n", "20"), ("none", None)],
)
def test_version_of_an_output(module, output, version):
    assert module.parse_version(output) == version


@pytest.mark.parametrize(
    ("version", "line", "fits"),
    [
        ("3.11.2", "3.11", True),
        ("3.11.2", "3", True),
        ("3.11.2", "3.11.2", True),
        ("3.11.2", "3.1", False),
        ("3.1", "3.11", False),
        ("3.11.2", "3.11.3", False),
        ("18.20.4", "18", True),
        ("18.20.4", "1", False),
        ("18.20.4", "20", False),
    ],
)
def test_a_version_is_of_a_line(module, version, line, fits):
    assert module.is_of_line(version, line) is fits
