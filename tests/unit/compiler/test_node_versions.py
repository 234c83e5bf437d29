"""Which version of a package manager a repository asks for."""

from __future__ import annotations

import pytest

from autodeploy.compiler.node.versions import wanted
from autodeploy.errors import BuildError

PNPM6, PNPM9 = "lockfileVersion: '6.0'\n", "lockfileVersion: '9.0'\n"
BERRY6, BERRY8 = "__metadata:\n  version: 6\n", "__metadata:\n  version: 8\n"


@pytest.mark.parametrize(
    ("name", "manifest", "lock", "expected"),
    [
        ("pnpm", {"packageManager": "pnpm@9.1.0+sha512.abc"}, PNPM9, "9.1.0"),
        ("pnpm", {"packageManager": "yarn@4.1.0"}, PNPM9, "10"),
        ("pnpm", {}, PNPM6, "8"),
        ("pnpm", {}, "lockfileVersion: '10.0'\n", "latest"),
        ("pnpm", {}, "", "10"),
        ("pnpm", {"engines": {"pnpm": ">=8"}}, PNPM6, "8"),
        ("pnpm", {"engines": {"pnpm": "^9"}}, PNPM9, "^9"),
        ("pnpm", {"engines": ["pnpm"]}, PNPM9, "10"),
        ("yarn", {}, "# yarn lockfile v1\n", "1"),
        ("yarn", {}, BERRY6, "3"),
        ("yarn", {}, BERRY8, "4"),
        ("yarn", {"packageManager": "yarn@3.6.4"}, BERRY6, "3.6.4"),
        (
            "bun",
            {"devEngines": {"packageManager": {"name": "bun", "version": "1.2.x"}}},
            "",
            "1.2.x",
        ),
        (
            "bun",
            {"devEngines": {"packageManager": {"name": "bun", "version": "1.2.3"}}},
            "",
            "1.2.3",
        ),
        ("npm", {"engines": {"npm": ">=9"}}, "", ">=9"),
        ("npm", {}, "", "*"),
    ],
)
def test_the_version_asked_for(name, manifest, lock, expected):
    assert wanted(name, manifest, lock, berry=False) == expected


def test_yarns_configuration_says_that_it_is_new():
    assert wanted("yarn", {}, "", berry=True) == "4"


@pytest.mark.parametrize(
    "version", ["file:../x", "https://x.example/p.tgz", "latest", "git+ssh://x", "../../etc"]
)
def test_what_is_no_version_is_not_handed_to_npm(version):
    with pytest.raises(BuildError, match="packageManager"):
        wanted("pnpm", {"packageManager": f"pnpm@{version}"}, PNPM9, berry=False)
    with pytest.raises(BuildError, match="engines"):
        wanted("pnpm", {"engines": {"pnpm": version}}, PNPM9, berry=False)
