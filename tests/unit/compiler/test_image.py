from __future__ import annotations

import pytest

from autodeploy.compiler.image import fitting_image, newest, satisfies
from autodeploy.contracts import RuntimeVersion, TechStack
from autodeploy.settings import Settings


@pytest.mark.parametrize(
    ("language", "version", "declared", "expected"),
    [
        ("python", "3.11.2", ">=3.10", True),
        ("python", "3.11.2", ">=3.12", False),
        ("python", "3.11.2", ">=3.9,<4.0", True),
        ("python", "3.11.2", "^3.10", True),
        ("python", "3.11.2", "^2.7", False),
        ("python", "3.11.2", "~3.11", True),
        ("python", "3.11.2", "~3.10", False),
        ("python", "3.11.2", "~=3.10", True),
        ("python", "3.11.2", "3.11.*", True),
        ("python", "3.11.2", "3.11", True),
        ("python", "3.11.2", "3.11.9", True),  # A pin is met by its line.
        ("python", "3.11.2", "python-3.11.9", True),
        ("python", "3.11.2", "python-3.10.4", False),
        ("python", "3.11.2", "3", True),
        ("python", "3.11.2", "^2.7 || ^3.8", True),
        ("python", "3.11.2", "pypy3.10", False),
        ("python", "3.11.2", "*", True),
        ("node", "18.20.4", ">=18", True),
        ("node", "18.20.4", "18.x", True),
        ("node", "18.20.4", "^20", False),
        ("node", "18.20.4", "v18.17.0", True),
        ("node", "18.20.4", "16.20.0", False),
        ("node", "18.20.4", "lts/hydrogen", True),
        ("node", "18.20.4", "lts/iron", False),
        ("node", "18.20.4", "lts/*", True),
        ("node", "18.20.4", ">=16 <19 || >=20", True),
        ("node", "18.20.4", "nonsense!", False),
        ("node", "18.20.4", ">=1 " * 100, False),
        ("go", "", "1.22", True),
    ],
)
def test_a_declared_version_in_the_ecosystems_notation(language, version, declared, expected):
    assert satisfies(language, version, declared) is expected


def stack(language, declared):
    return TechStack(language=language, runtime_version=RuntimeVersion(declared=declared))


@pytest.mark.parametrize(
    ("language", "declared", "said", "expected"),
    [
        ("node", ">=20", {}, "debian-13"),
        ("node", ">=18", {}, "debian-12"),
        ("node", ">=20", {"image": "debian-12"}, "debian-12"),
        ("node", ">=20", {"target": "ssh"}, "debian-12"),
        ("node", "22", {}, "debian-12"),  # No image has it: the default's hosts have it brought.
        ("node", None, {}, "debian-12"),
        ("python", ">=3.13", {}, "debian-13"),
        ("python", "3.12", {}, "debian-12"),
        ("go", "1.99", {}, "debian-12"),
        ("static", "1", {}, "debian-12"),
    ],
)
def test_the_image_follows_the_runtime_where_nobody_said_one(language, declared, said, expected):
    assert fitting_image(stack(language, declared), Settings(**said)) == expected


THERE = ["3.12.0", "3.12.1", "3.12.16", "3.13.2", "3.14.0"]


@pytest.mark.parametrize(
    ("declared", "line", "expected"),
    [
        (">=3.12", None, "3.14.0"),
        (">=3.12", "3.13", "3.13.2"),  # Recon knows of a second constraint.
        ("3.12", None, "3.12.16"),
        ("3.12.1", None, "3.12.1"),
        ("python-3.12.1", None, "3.12.1"),
        ("==3.12.1", None, "3.12.1"),
        ("3.12.99", None, "3.12.16"),  # A pin is met by its line.
        (">=3.12,<3.13", None, "3.12.16"),
        ("~3.13", "3.1", "3.13.2"),
        (">=3.15", None, None),
    ],
)
def test_the_newest_that_satisfies(declared, line, expected):
    assert newest("python", declared, line, THERE) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [("22", "22.23.3"), ("v22.1.0", "22.1.0"), ("lts/krypton", "24.2.0"), ("lts/*", "24.2.0")],
)
def test_the_newest_node(declared, expected):
    assert newest("node", declared, None, ["18.1.0", "22.1.0", "22.23.3", "24.2.0"]) == expected
