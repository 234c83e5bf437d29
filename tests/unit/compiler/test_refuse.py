"""What is known to fail is said before anything is provisioned."""

from __future__ import annotations

import pytest

from autodeploy.compiler import refuse
from autodeploy.contracts import TechStack
from autodeploy.errors import BuildError
from autodeploy.settings import Settings


def stack(language):
    return TechStack(language=language, processes={"web": "run"}, start_command="run")


@pytest.mark.parametrize("language", ["go", "static"])
def test_what_has_no_compiled_packages_is_built_for_any_processor(language):
    refuse(stack(language), Settings(arch="arm64"))


@pytest.mark.parametrize("language", ["python", "node"])
def test_what_may_have_compiled_packages_is_not(language):
    with pytest.raises(BuildError, match="built for amd64 only"):
        refuse(stack(language), Settings(arch="arm64"))
    refuse(stack(language), Settings())
