"""app.json: what Heroku and Dokku read there are settings here, below autodeploy.yml."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy import recon
from autodeploy.contracts import Source
from autodeploy.recon.appjson import app_json
from autodeploy.recon.tree import Names, Tree
from autodeploy.settings import Layer, laid, parse, validated

DOCUMENT = {
    "env": {
        "GREETING": "hello",
        "COUNT": {"value": "3"},
        "SESSION_SECRET": {"generator": "secret"},
        "API_TOKEN": {"description": "theirs"},
        "OPTIONAL": {"required": False},
        "EMPTY": "",
        "DATABASE_URL": {"value": "postgres://localhost/x"},
        "PORT": "1",
        "A-B": "1",
        "LIST": ["1"],
    },
    "formation": {
        "web": {"quantity": 3},
        "worker": {"quantity": 2},
        "clock": {"quantity": 0},
        "odd": {"quantity": "many"},
        "true": {"quantity": True},
        "huge": {"quantity": 10**9},
    },
    "cron": [
        {"command": "rake clean", "schedule": "30 3 * * *"},
        {"command": "x", "schedule": "99 * * * *"},
        {"schedule": "@daily"},
        {"command": "rake week", "schedule": "@weekly"},
        "rake",
    ],
    "scripts": {"postdeploy": "rake db:seed"},
}


class Files:
    """A repository of one file."""

    def __init__(self, text):
        self.text = text

    def names(self, folder):
        return Names([] if folder else ["app.json"], [])

    def content(self, path):
        return self.text.encode() if path == "app.json" else None


def read(document):
    return app_json(Tree(Files(json.dumps(document, indent=1))))


def settings(document, text=""):
    own = read(document)
    return laid({}, parse(text), {}, found=Layer(own.values, own.place))


def test_what_it_says_is_settings():
    said = validated(settings(DOCUMENT))
    assert said.env == {"GREETING": "hello", "COUNT": "3"}
    assert {name: one.generate for name, one in said.secrets.items()} == {
        "SESSION_SECRET": 64,
        "API_TOKEN": None,
    }
    assert said.scale == {"worker": 2, "clock": 0}
    assert {name: (one.schedule, one.command) for name, one in said.jobs.items()} == {
        "job-1": ("30 3 * * *", "rake clean"),
        "job-4": ("@weekly", "rake week"),
    }


def test_what_does_not_count_is_said():
    one, two, three, four, five = read(DOCUMENT).findings
    assert one.startswith("app.json: env/LIST does not count")
    assert "cron/2 does not count: '99 * * * *' is no schedule" in two
    assert "cron/3 does not count" in three
    assert "cron/5 does not count" in four
    assert "scripts/postdeploy is not run" in five


def test_autodeploy_yml_wins_and_each_has_its_origin():
    file = "env: {GREETING: bye}\nscale: {worker: 5}\ncron: {job-1: null}\n"
    merged = settings(DOCUMENT, file)
    said = validated(merged)
    assert said.env == {"GREETING": "bye", "COUNT": "3"}
    assert said.scale == {"worker": 5, "clock": 0}
    assert [*said.jobs] == ["job-4"]
    assert merged.origin(("env", "GREETING")) == "autodeploy.yml:1"
    assert merged.origin(("env", "COUNT")) == "app.json:4"
    assert merged.origin(("scale", "clock")) == "app.json:33"


def test_its_findings_are_of_the_analysis(tmp_path):
    (tmp_path / "app.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "requirements.txt").write_text("flask\n")
    stack = recon.detect(Source(url="x", checkout=tmp_path, commit=None, name="x", path=""))
    assert stack.findings == tuple(read(DOCUMENT).findings)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=9), one, max_size=4),
)
NAMES = st.sampled_from(["A", "PORT", "DATABASE_URL", "web", "worker"]) | st.text(max_size=9)
KEYS = st.sampled_from(["value", "generator", "required", "quantity", "command", "schedule"])
PARTS = st.dictionaries(NAMES, JSON | st.dictionaries(KEYS, JSON, max_size=3), max_size=4)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "env": PARTS | JSON,
            "formation": PARTS | JSON,
            "cron": st.lists(st.dictionaries(KEYS, JSON | st.just("@daily"))) | JSON,
            "scripts": JSON,
        },
    )
)
def test_whatever_it_says_is_valid_or_left_out(document):
    validated(settings(document))


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x" * 40_000, 5, True, ["a"], {"a": 1}])
def test_a_value_that_no_variable_can_have_is_left_out(value):
    own = read({"env": {"A": {"value": value}}})
    assert "env" not in own.values
    assert len(own.findings) == 1
