"""The first file that `init` writes."""

from __future__ import annotations

import pytest
import yaml

from autodeploy.contracts import Evidence, TechStack, Variable
from autodeploy.settings import Settings, parse
from autodeploy.settings.starter import starter, unknown

STACK = TechStack(
    language="python",
    start_command='gunicorn "app: main" # not a comment',
    health_path="/healthz",
    processes={"web": "x", "worker": "celery: go"},
    databases=("postgresql",),
    variables=tuple(
        Variable(name=name, required=True) for name in ("DATABASE_URL", "MAIL_FROM", "API_TOKEN")
    ),
    evidence=(Evidence(fact="language", value="python", file="requirements.txt", line=1),),
)


def uncommented(text):
    """The file, with every found setting said."""
    _head, found = text.split("take the # away and change it.\n")
    facts = found.split("\n\n")[0]
    return "\n".join(line.removeprefix("# ") for line in facts.splitlines())


def test_what_was_found_holds_when_its_mark_is_taken_away():
    text = starter(STACK, {})
    assert parse(text).values == {"secrets": {"API_TOKEN": {}}}
    said = Settings(**parse(uncommented(text)).values)
    assert (
        said.over(STACK).model_dump()
        == STACK.model_copy(
            update={"processes": {"web": STACK.start_command, "worker": "celery: go"}}
        ).model_dump()
    )
    assert "# language: python  # requirements.txt:1" in text


EXAMPLES = "\n# Examples of what else it can say"


@pytest.mark.parametrize("stack", [STACK, TechStack(language="go"), TechStack()])
def test_its_examples_hold_when_their_mark_is_taken_away(stack):
    """Beside what the file says already, and under names that it has not used."""
    text = starter(stack, {"env": {"MAIL_FROM": "x"}})
    head, examples = text.split(EXAMPLES)
    lines = examples.partition("\n")[2].partition("\n\n")[0].splitlines()
    said = "\n".join(line.removeprefix("# ") for line in lines)
    found = parse(f"{head}\n{said}\n").values
    assert {"processes", "cron", "secrets", "env"} <= found.keys() | {
        *(["processes"] if stack is STACK else [])
    }
    assert Settings(**found).jobs


def test_answers_are_said_and_what_is_missing_is_named():
    answers = {"start_command": "a: b # c", "env": {"MAIL_FROM": 'x: "y" # ☃'}}
    text = starter(STACK, answers)
    assert yaml.safe_load(text) == {**answers, "secrets": {"API_TOKEN": {}}}
    assert "variables that nothing gives" not in text
    assert "variables that nothing gives: MAIL_FROM." in starter(STACK, {})


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "DJANGO_SECRET_KEY", "SECRET_KEY_BASE", "JWT_SECRET"]
)
def test_what_means_nothing_to_others_is_generated(name):
    stack = STACK.model_copy(update={"variables": (Variable(name=name, required=True),)})
    (said,) = Settings(**parse(starter(stack, {})).values).secrets.values()
    assert said.generate == 64


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "API_TOKEN"])
def test_what_somebody_else_gives_is_asked_for(name):
    stack = STACK.model_copy(update={"variables": (Variable(name=name, required=True),)})
    (said,) = Settings(**parse(starter(stack, {})).values).secrets.values()
    assert said.generate is None


def test_secrets_and_managed_addresses_are_not_asked_for():
    assert [one.name for one in unknown(STACK)] == ["MAIL_FROM"]


def test_a_script_that_looks_like_a_worker_is_offered_and_not_run():
    seen = Evidence(fact="worker", value="npm run worker", file="package.json", line=4)
    text = starter(TechStack(language="node", evidence=(seen,)), {})
    assert "# processes:\n#   worker: npm run worker  # package.json:4\n" in text
    assert text.count("processes:") == 1
    assert not parse(text).values
