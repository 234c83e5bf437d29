"""A stack as people see it."""

from __future__ import annotations

import pytest

from autodeploy.cli import stackpage
from autodeploy.contracts import RuntimeVersion, TechStack


@pytest.mark.parametrize(
    ("declared", "resolved", "said"),
    [
        (">=18", "26", ">=18 (newest that fits: 26)"),
        ("18", "18", "18"),
        (">=99", None, ">=99"),
        (None, None, "not declared"),
    ],
)
def test_a_version_that_fits_is_not_called_the_one_that_runs(capsys, declared, resolved, said):
    """A host whose own fits keeps it."""
    version = RuntimeVersion(declared=declared, resolved=resolved)
    stackpage.show("shop", TechStack(language="node", runtime_version=version))
    line = next(one for one in capsys.readouterr().out.splitlines() if "runtime version" in one)
    assert line.removeprefix("runtime version").strip().split("  ")[0] == said
