"""Property 22: the runtime's version is verified on the host; another one than asked is a failure.

The module runs whole, on a runtime that prints what it is told. Oracles: packaging's specifiers for
Python, and node-semver's ranges for Node.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path

import nodesemver
import pytest
from ansible.module_utils.testing import patch_module_args
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

import rolekit

pytestmark = pytest.mark.property
ROLE = rolekit.load("runtime/library/runtime_facts.py")
PROGRAMS = {"python": ("python3", "Python {}"), "node": ("node", "v{}")}
# Few numbers, so that lines and versions often meet; two digits, so that 3.1 is no part of 3.11.
NUMBERS = st.sampled_from([0, 1, 2, 3, 11, 12, 20, 22])
VERSIONS = st.tuples(NUMBERS, NUMBERS, NUMBERS)


def dotted(numbers):
    return ".".join(map(str, numbers))


def asked(language, line, folder, check=False):
    """What the module answers."""
    said = io.StringIO()
    arguments = {"language": language, "version": line, "folder": folder}
    with (
        patch_module_args({**arguments, "_ansible_check_mode": check}),
        contextlib.redirect_stdout(said),
        pytest.raises(SystemExit) as ended,
    ):
        ROLE.main()
    answer = json.loads(said.getvalue())
    assert bool(answer.get("failed")) == bool(ended.value.code)
    return answer


def satisfies(language, version, line):
    if language == "python":
        return SpecifierSet(f"=={line}.*" if line.count(".") < 2 else f"=={line}").contains(version)
    return nodesemver.satisfies(version, line, loose=False)


@contextlib.contextmanager
def host(language, version):
    """A folder like /usr whose runtime is of this version; of none, where it is None."""
    program, prints = PROGRAMS[language]
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder, "bin", program)
        binary.parent.mkdir()
        if version:
            binary.write_text(f"#!/bin/sh\necho {prints.format(version)}\n")
            binary.chmod(0o755)
        yield folder


@given(st.sampled_from(sorted(PROGRAMS)), VERSIONS, VERSIONS, st.integers(1, 3), st.booleans())
@example("python", (3, 11, 2), (3, 1, 0), 2, False)
@example("node", (22, 1, 2), (2, 0, 0), 1, False)
def test_only_a_version_of_the_line_is_accepted(language, there, wanted, length, same):
    version = dotted(there)
    line = dotted((there if same else wanted)[:length])
    with host(language, version) as folder:
        answer = asked(language, line, folder)
    good = satisfies(language, version, line)
    assert bool(answer.get("failed")) is not good
    assert answer["autodeploy"]["runtime_version"] == version
    assert answer.get("changed", False) is False
    if not good:
        assert f"has {language} {version} in {folder}" in answer["msg"]
        assert answer["msg"].endswith(f"needs {line}")


@given(st.sampled_from(sorted(PROGRAMS)), VERSIONS, st.integers(0, 3))
def test_a_runtime_that_is_not_there_is_missing(language, wanted, length):
    line = dotted(wanted[:length])
    with host(language, None) as folder:
        answer, foreseen = asked(language, line, folder), asked(language, line, folder, check=True)
    assert bool(answer.get("failed")) is bool(line)
    assert answer["missing"]
    # Check mode cannot tell what the package that is missing would bring.
    assert not foreseen.get("failed")
    assert foreseen["changed"] is bool(line)
