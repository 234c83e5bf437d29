"""What a page shows is compared loosely, and still compared."""

from __future__ import annotations

import pytest

from documented import ANY, Step, fences, run, steps, unlike


def test_commands_and_what_they_print_are_read_from_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "x\n```console\n$ cat <<'END'\n> a\n>\n> END\na\n$ true\n```\n```yaml\nb: 1\n```\n"
    )
    assert steps(page) == [Step("cat <<'END'\na\n\nEND", ("a",)), Step("true", ())]
    assert list(fences(page, "yaml")) == ["b: 1\n"]


def test_commands_share_a_shell_until_one_fails(tmp_path):
    commands = [
        "x=1; mkdir new; cd new",
        "cat <<'END'\n$x\nEND",
        'echo "$x $MORE" >&2; pwd',
        "false",
        "echo",
    ]
    code, printed = run(commands, tmp_path, {"MORE": "2"})
    assert (code, printed) == (1, [[], ["$x"], ["1 2", f"{tmp_path}/new"], []])


@pytest.mark.parametrize(
    ("shown", "printed", "first"),
    [
        (["took 2.1 s  well"], ["took 30.2 s well"], None),
        (["a", ANY, "c"], ["a", "b", "c"], None),
        (["host-1 10.0.0.1"], ["host-2 10.9.9.9"], None),
        (["c", "a"], ["a", "b", "c"], "a"),
        (["a", "a"], ["a"], "a"),
        (["ok git"], ["missing git"], "ok git"),
    ],
)
def test_a_line_that_was_not_printed_is_named(shown, printed, first):
    assert unlike(shown, printed) == first
