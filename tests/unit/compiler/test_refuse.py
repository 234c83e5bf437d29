"""What is known to fail is said before anything is provisioned."""

from __future__ import annotations

import pytest

from autodeploy.compiler import refuse
from autodeploy.contracts import TechStack
from autodeploy.errors import BuildError
from autodeploy.settings import Settings


def stack(language):
    return TechStack(language=language, processes={"web": "run"}, start_command="run")


@pytest.mark.parametrize("language", ["go", "static", "python", "node"])
def test_what_has_a_builder_is_not_refused(language):
    refuse(stack(language), Settings())


@pytest.mark.parametrize("language", ["ruby", None])
def test_what_has_none_is(language):
    with pytest.raises(BuildError, match="cannot be built yet"):
        refuse(stack(language), Settings())


def test_without_any_process_there_is_nothing_to_start():
    with pytest.raises(BuildError, match="starts the application"):
        refuse(TechStack(language="python"), Settings())


@pytest.mark.parametrize(
    "stack",
    [
        TechStack(language="python", processes={"worker": "celery"}),
        TechStack(language="node", output="dist"),
        TechStack(language="static"),
    ],
)
def test_what_works_alone_or_is_files_alone_is_not_refused_but_where_tcp_takes_a_process(stack):
    refuse(stack, Settings())
    with pytest.raises(BuildError, match="`web`"):
        refuse(stack, Settings(protocol="tcp", port=7000))
