"""The file of settings: environments, lines, and what is refused where."""

from __future__ import annotations

import pytest

from autodeploy.errors import UsageError
from autodeploy.settings import load

OVERLAID = """\
hosts: 2
env:
  A: base
  B: base
processes:
  web: run
environments:
  staging:
    hosts: 1
    env:
      B: other
      C: new
    processes: {web: null}
    x-note: nobody reads this
"""

# A key that is ten to the eighth entries, where somebody made a text of it.
BOMB = (
    "".join(
        f"x-{here}: &{here} [{', '.join([f'*{below}' if below else '1'] * 10)}]\n"
        for below, here in zip(["", *"abcdef"], "abcdefg", strict=True)
    )
    + "? *g\n: 1\n"
)


def written(folder, text):
    (folder / "autodeploy.yml").write_text(text)
    return folder


def test_an_environment_lies_over_the_rest(tmp_path):
    folder = written(tmp_path, OVERLAID)
    staging = load({"environment": "staging"}, folder, {})
    assert (staging.hosts, staging.processes) == (1, {"web": None})
    assert staging.env == {"A": "base", "B": "other", "C": "new"}
    for other in (load({}, folder, {}), load({"environment": "elsewhere"}, folder, {})):
        assert (other.hosts, other.processes) == (2, {"web": "run"})
        assert other.env == {"A": "base", "B": "base"}


def test_a_variable_chooses_the_environment_and_a_flag_before_it(tmp_path):
    folder, variable = written(tmp_path, OVERLAID), {"AUTODEPLOY_ENVIRONMENT": "staging"}
    assert load({}, folder, variable).hosts == 1
    assert load({"environment": "production"}, folder, variable).hosts == 2
    assert load({}, folder, {**variable, "AUTODEPLOY_HOSTS": "3"}).hosts == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hosts: 1\nprot: 80", "autodeploy.yml:2: prot: is no setting"),
        ("hosts: 0", "autodeploy.yml:1: hosts: must be at least 1, not 0"),
        ("hosts: yes", "autodeploy.yml:1: hosts: must be a whole number, not true or false"),
        ("hosts: many", "autodeploy.yml:1: hosts: must be a whole number, not 'many'"),
        ("harden: 7", "autodeploy.yml:1: harden: must be true or false, not 7"),
        ("memory: 5", "autodeploy.yml:1: memory: must be text: put it in quotes"),
        ("memory: big", "memory: is not of its form, such as 512M, not 'big'"),
        ("proxy:\n  timout: 3", "autodeploy.yml:2: proxy/timout: is no setting. Did you mean `tim"),
        ("env: 3", "env: must be a mapping"),
        ("packages:\n- libvips42\n- 3", "autodeploy.yml:3: packages/1: must be text"),
        ("arch: x86", "arch: must be 'amd64' or 'arm64', not 'x86'"),
        ("release_command: ''", "release_command: must not be empty"),
        ("health_timeout: 99999", "must be at most 3600"),
        ("hosts: 1\nhosts: 2", "autodeploy.yml:2: hosts: is on line 1 too"),
        ("env:\n  A: '1'\n  A: '2'", "autodeploy.yml:3: env/A: is on line 2 too"),
        ("environments:\n  staging: 3", "autodeploy.yml:2: environments/staging: must be a map"),
        ("environments: [staging]", "autodeploy.yml:1: environments: must be a mapping"),
        ("environments:\n  Big: {}", "environments/Big: is no name of an environment"),
        ("environments:\n  staging:\n    prot: 1", "autodeploy.yml:3: environments/staging/prot"),
        ("environments:\n  staging:\n    target: lab", "is no setting of the file"),
        ("environments:\n  staging:\n    hosts: 0", "autodeploy.yml:3: hosts: must be at least 1"),
        ("env: &e {A: *e}", "env/A: must be text"),
        ("env: {A: 2026-02-30}", "this is no date"),
        ("hosts: " + "9" * 5000, "this is no whole number"),
        ("hosts: 0x" + "f" * 4000, "autodeploy.yml:1: hosts: must be"),
        ("hosts: !!int abc", "this is no whole number"),
        ("harden: !!bool abc", "this is no truth value"),
        ("hosts: !!timestamp abc", "this is no date"),
        ("environments: {.inf: {hosts: 1}}", "environments/inf: is no name"),
        ("proxy: {timeout: true}", "proxy/timeout: must be a whole number, not true or false"),
        ("env:\n  ? [a]\n  : b", "autodeploy.yml:2: env: a key must be text"),
        (BOMB, "a key must be text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, said):
    with pytest.raises(UsageError) as caught:
        load({"environment": "staging"}, written(tmp_path, text), {})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("- hosts: 1", "Write each as `name: value`"),
        ("xylophone: red", "docs/configuration.md has all"),
        ("procesess: {}", "Did you mean `processes`?"),
        ("environmets: {}", "Did you mean `environments`?"),
        ("environments:\n  production:\n    environments: {}", "docs/configuration.md has all"),
    ],
)
def test_what_is_wrong_comes_with_what_to_do(tmp_path, text, advice):
    with pytest.raises(UsageError) as caught:
        load({}, written(tmp_path, text), {})
    assert advice in caught.value.remediation


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(UsageError) as caught:
        load({"forks": 0}, written(tmp_path, "hosts: 0\nport: 0"), {"AUTODEPLOY_MEMORY": "x"})
    assert [line.partition(": ")[0] for line in caught.value.cause.splitlines()] == [
        *("--forks", "autodeploy.yml:1", "autodeploy.yml:2", "AUTODEPLOY_MEMORY")
    ]


def test_the_value_of_a_variable_is_not_repeated(tmp_path):
    with pytest.raises(UsageError) as caught:
        load({}, written(tmp_path, "env: {A: [hunter2]}"), {})
    assert "hunter2" not in str(caught.value)


def test_merge_keys_are_no_doubles(tmp_path):
    text = "x-common: &c {A: '1', B: '1'}\nenv:\n  <<: *c\n  B: '2'\n"
    assert load({}, written(tmp_path, text), {}).env == {"A": "1", "B": "2"}


def test_null_takes_a_found_command_away(tmp_path):
    from autodeploy.contracts import TechStack

    stack = TechStack(build_command="make", release_command="migrate", language="go")
    text = "build_command: null\nrelease_command: null\nlanguage: null\n"
    over = load({}, written(tmp_path, text), {}).over(stack)
    assert (over.build_command, over.release_command, over.language) == (None, None, "go")


@pytest.mark.parametrize(
    ("text", "web"),
    [
        ("start_command: a\nenvironments: {staging: {processes: {web: b}}}", "b"),
        ("processes: {web: a}\nenvironments: {staging: {start_command: b}}", "b"),
        ("start_command: a\nenvironments: {staging: {processes: {worker: b}}}", "a"),
    ],
)
def test_the_uppermost_word_on_the_web_process_counts(tmp_path, text, web):
    from autodeploy.contracts import TechStack

    settings = load({"environment": "staging"}, written(tmp_path, text), {})
    assert settings.over(TechStack(processes={"web": "found"})).processes["web"] == web
