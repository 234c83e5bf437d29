"""README and the quick start are true: their commands are typed, and print what they show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from documented import run, steps, unlike
from roadkit import ROOT

pytestmark = pytest.mark.lab

INSTEAD = {
    # The environment that these tests run in has all of it.
    "make demo": "make -s -o .venv/run.stamp demo",
    "make wheel": "make -s -o .venv/run.stamp wheel",
    # CI runs it: it runs this test.
    "make test": "grep -x 'exec make test' .ci/run",
    # The same, in two seconds and not in thirty.
    '~/autodeploy-venv/bin/pip install "$(realpath dist/*.whl)[lab]"': (
        'uv pip install -q --python ~/autodeploy-venv "$(realpath dist/*.whl)[lab]"'
    ),
}


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_the_commands_of_a_page_do_what_it_says(page, site, tmp_path):
    wanted = steps(ROOT / page)
    commands = [INSTEAD.get(one.command, one.command) for one in wanted]
    code, printed = run(commands, ROOT, surroundings(tmp_path))
    ends = "\n".join(printed[-1])
    assert code == 0, f"$ {commands[len(printed) - 1]}\n{ends}"
    for one, lines in zip(wanted, printed, strict=True):
        missing = unlike(one.output, lines)
        assert missing is None, f"$ {one.command}\nshould print {missing}\n" + "\n".join(lines)


def surroundings(tmp_path):
    """A home of its own, nothing of the checkout's on the way, and no proxy to the lab's hosts."""
    venv = str(ROOT / ".venv/bin")
    path = [one for one in os.environ["PATH"].split(os.pathsep) if one != venv]
    uv = tmp_path / "bin/uv"
    uv.parent.mkdir()
    uv.symlink_to(ROOT / ".venv/bin/uv")
    (tmp_path / "user").mkdir()
    cache = os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache/uv"))
    return {
        "HOME": str(tmp_path / "user"),
        "PATH": os.pathsep.join([*path, str(uv.parent)]),
        "UV_CACHE_DIR": cache,
        "no_proxy": "10.0.0.0/8",
        "VIRTUAL_ENV": "",
        "PYTHONPATH": "",
    }
