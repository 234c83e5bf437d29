"""Property 35: every error has a remediation, and the user sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy import errors
from autodeploy.cli import output
from autodeploy.errors import AutodeployError
from autodeploy.printable import printable
from troubleshooting import tree

pytestmark = pytest.mark.property
text = st.text(max_size=30)
maybe = st.none() | text


def made(kind: type[AutodeployError], message: str, cause: str | None, advice: str | None):
    if issubclass(kind, errors.BuildFailed):
        return kind(message, 1, cause or "", remediation=advice)
    if issubclass(kind, errors.TaskFailed):
        return kind(message, cause=cause, step="task", host="host-1", reported={})
    return kind(message, cause=cause, remediation=advice)


@given(st.sampled_from(list(tree())), text, maybe, maybe)
def test_whatever_is_said_there_is_something_to_do(kind, message, cause, advice):
    error = made(kind, message, cause, advice)
    said = advice if advice and kind is not errors.TaskFailed else kind.default_remediation
    assert error.remediation == said
    assert output.report(error).remediation == said
    assert output.failure(error)["error"]["remediation"] == said


@given(st.sampled_from(list(tree())), maybe)
def test_it_is_the_last_line_that_is_shown(kind, cause):
    with pytest.MonkeyPatch.context() as patch:
        shown: list[str] = []
        patch.setattr(output, "say", lambda line="", **_style: shown.append(line))
        output.error(output.report(made(kind, "it broke", cause, None)))
    assert shown[-1] == f"  do:    {kind.default_remediation}"
    assert printable(shown[-1]) == shown[-1]
