"""Property 14: build errors carry command, exit code and output, and leave nothing behind."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.compiler.layers import Contents, Layers, Step
from autodeploy.compiler.output import KEPT_LINES, LINE_SHOWN
from autodeploy.compiler.shell import Shell
from autodeploy.errors import BuildFailed

LINE = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=40
).filter(lambda line: line.isprintable() and "://" not in line)
LINES = st.tuples(LINE, st.sampled_from([1, 2]))
OUTPUT = st.lists(LINES, max_size=10) | st.lists(LINES, min_size=KEPT_LINES, max_size=60)


@pytest.fixture
def log(journal):
    return journal.agent("compiler")


def script_of(output):
    return "\n".join(f"printf '%s\\n' {shlex.quote(line)} >&{stream}" for line, stream in output)


@pytest.mark.property
@given(OUTPUT, st.integers(1, 255))
def test_a_failing_command_is_told_with_its_code_and_the_end_of_its_output(log, output, code):
    command = f"{script_of(output)}\nexit {code}"
    with tempfile.TemporaryDirectory() as root, pytest.raises(BuildFailed) as caught:
        Shell({"PATH": "/usr/bin:/bin"}, 60, log).run(command, Path(root))
    error = caught.value
    assert (error.command, error.returncode) == (command, code)
    expected = [line[:LINE_SHOWN] for line, _stream in output][-KEPT_LINES:]
    assert error.output.split("\n") == (expected or [""])
    assert str(code) in error.message
    assert error.step == "build"
    assert error.remediation


@pytest.mark.property
@given(OUTPUT)
def test_a_command_that_succeeds_is_no_error(log, output):
    with tempfile.TemporaryDirectory() as root:
        shell = Shell({"PATH": "/usr/bin:/bin"}, 60, log)
        shell.run(script_of(output) + "\ntrue", Path(root))
    assert len(shell.commands) == 1


@pytest.mark.property
@given(st.integers(1, 255), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_nothing_half_made_stays_in_the_cache(log, code, inputs):
    with tempfile.TemporaryDirectory() as root:
        cache, made = Path(root) / "cache", Path(root) / "made"
        made.mkdir()
        layers = Layers(cache, log.warning)
        shell = Shell({"PATH": "/usr/bin:/bin"}, 60, log)

        def make(_before):
            shell.run(f"echo half > half; exit {code}", made)
            return Contents(made)

        with pytest.raises(BuildFailed) as caught:
            layers.obtain(Step("source", inputs, make), [], shell.commands)
        assert caught.value.returncode == code
        assert not [*(cache / "layers").iterdir(), *(cache / "index").iterdir()]
        again = Step("source", inputs, lambda _before: Contents(made))
        assert layers.obtain(again, [], []).layer.files == 1
