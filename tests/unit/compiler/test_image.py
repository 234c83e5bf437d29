from __future__ import annotations

import pytest

from autodeploy.compiler.image import IMAGES, require_runtime, satisfies
from autodeploy.contracts import RuntimeVersion, TechStack
from autodeploy.errors import RuntimeUnsupported


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
        ("go", "", "1.22", True),
    ],
)
def test_a_declared_version_in_the_ecosystems_notation(language, version, declared, expected):
    assert satisfies(language, version, declared) is expected


def test_what_the_image_lacks_is_refused_with_the_image_that_has_it():
    stack = TechStack(
        language="node", runtime_version=RuntimeVersion(declared=">=20", source="package.json")
    )
    with pytest.raises(RuntimeUnsupported) as caught:
        require_runtime(stack, IMAGES["debian-12"])
    assert "18.20.4" in caught.value.message
    assert "package.json" in caught.value.message
    assert "image: debian-13" in caught.value.remediation
    assert require_runtime(stack, IMAGES["debian-13"]) == IMAGES["debian-13"].node


def test_what_no_image_has_is_refused_without_an_empty_promise():
    stack = TechStack(language="python", runtime_version=RuntimeVersion(declared="==2.7.*"))
    with pytest.raises(RuntimeUnsupported) as caught:
        require_runtime(stack, IMAGES["debian-12"])
    assert "debian-13" not in caught.value.remediation


def test_nothing_declared_is_the_images_own():
    assert require_runtime(TechStack(language="python"), IMAGES["debian-13"]).startswith("3.13")
