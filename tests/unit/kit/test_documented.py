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
        (["host-1 10.0.0.1"], ["host-1 10.9.9.9"], None),
        (["c", "a"], ["a", "b", "c"], "a"),
        (["a", "a"], ["a"], "a"),
        (["ok git"], ["missing git"], "ok git"),
    ],
)
def test_a_line_that_was_not_printed_is_named(shown, printed, first):
    assert unlike(shown, printed) == first


MAY_VARY = [
    ("http://10.213.0.2/", "http://10.213.7.250/"),
    ("at 10.0.0.1:8080.", "at 10.0.0.2:443."),
    ("i-9d40b6615a3d15af4", "i-00000000000000000"),
    ("deployment 20261122t211230774351-1c0e", "deployment 20270101t000000000000-ffff"),
    ("release e96e6f725988", "release 0123456789ab"),
    ("2026-11-27 11:03 by", "2027-01-01 23:59 by"),
    ("took 9 s, 1.2 MB", "took 26.2 s, 30 MB"),
    ("ok python 3.11", "ok  python 3.13"),
]
MAY_NOT = [
    ("HTTP 200", "HTTP 404"),
    ("3 of 4 checks", "2 of 4 checks"),
    ("removes all 11 resources", "removes all 12 resources"),
    ("11 to create", "0 to create"),
    ("host-1", "host-2"),
    ("requirements.txt:1 100%", "requirements.txt:2 100%"),
    ("app.py:3 60%", "app.py:3 10%"),
    ("us-east-1", "us-east-2"),
    ("AWS::EC2::VPC", "AWS::S3::Bucket"),
    ("autodeploy-0.1.0-py3-none-any.whl", "autodeploy-0.2.0-py3-none-any.whl"),
    ("account 123456789012", "account none"),
    ("release deadbeef", "release cafebabe"),
    ("port 8080", "port 80"),
    ("took 2.1 s", "took 2.1 h"),
]


@pytest.mark.parametrize(("shown", "printed"), MAY_VARY)
def test_what_each_run_makes_anew_may_be_another(shown, printed):
    assert unlike([shown], [printed]) is None


@pytest.mark.parametrize(("shown", "printed"), MAY_NOT)
def test_any_other_number_is_what_the_page_says(shown, printed):
    assert unlike([shown], [printed]) == shown
