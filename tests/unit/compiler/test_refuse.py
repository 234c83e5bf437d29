"""What is known to fail is said before anything is provisioned."""

from __future__ import annotations

import pytest

from autodeploy.compiler import refuse
from autodeploy.contracts import TechStack
from autodeploy.errors import BuildError


def stack(language):
    return TechStack(language=language, processes={"web": "run"}, start_command="run")


@pytest.mark.parametrize("language", ["go", "static", "python", "node"])
def test_what_has_a_builder_is_not_refused(language):
    refuse(stack(language))


@pytest.mark.parametrize("language", ["ruby", None])
def test_what_has_none_is(language):
    with pytest.raises(BuildError, match="cannot be built yet"):
        refuse(stack(language))


def test_without_a_web_process_there_is_nothing_to_start():
    with pytest.raises(BuildError, match="web process"):
        refuse(TechStack(language="python", processes={"worker": "celery"}))
