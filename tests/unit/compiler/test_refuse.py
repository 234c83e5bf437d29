"""What is known to fail is said before anything is provisioned."""

from __future__ import annotations

import pytest

from autodeploy.compiler import refuse
from autodeploy.contracts import TechStack
from autodeploy.settings import Settings


def stack(language):
    return TechStack(language=language, processes={"web": "run"}, start_command="run")


@pytest.mark.parametrize("language", ["go", "static", "python", "node"])
def test_any_processor_is_built_for(language):
    refuse(stack(language), Settings(arch="arm64"))
