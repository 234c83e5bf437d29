"""A first autodeploy.yml: what was found as comments, and what only the user knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from autodeploy.contracts import Evidence, TechStack, Variable
from autodeploy.settings.model import DATABASE_URL, MANAGED, REDIS, REDIS_URL

SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE|CREDENTIAL|_KEY$|^KEY$|_DSN$|SALT", re.I)
"""What names of variables that hold secrets have in them."""
OWN = re.compile(r"((DJANGO|FLASK|APP)_)?SECRET_KEY(_BASE)?|(SESSION|COOKIE|JWT)_SECRET|APP_KEYS")
"""Secrets that mean nothing to anybody else, so that any value will do."""
OWN_LENGTH = 64
HEAD = """\
# What autodeploy is to do otherwise than it would by itself. `autodeploy config show --origin` says
# what holds and why, `autodeploy config validate` checks this file, docs/configuration.md has all.
"""
FOUND = """
# Found in this repository, and right unless you say otherwise: take the # away and change it.
"""
FACTS = (
    *("language", "build_command", "output", "start_command", "release_command", "health_path"),
)
SECRETS = """
# The application needs these, and their values stand in no file: they are generated, or
# `autodeploy secrets set APP NAME` asks for them.
"""
EXAMPLES = "\n# Examples of what else it can say.\n"
EXAMPLE = {
    "processes": "processes:\n  worker: node worker.js  # beside `web`, on each host",
    "cron": 'cron:\n  report:\n    schedule: "30 3 * * *"  # UTC\n    command: node report.js',
    "secrets": "secrets:\n  STRIPE_KEY: {}  # its value: `autodeploy secrets set APP STRIPE_KEY`",
    "env": "env:\n  LOG_LEVEL: info",
}
"""By the setting that each is of."""
ENVIRONMENTS = """
# What is otherwise in one environment: `autodeploy deploy -e staging`.
# environments:
#   staging:
#     hosts: 1
"""


def starter(stack: TechStack, answers: Mapping[str, Any]) -> str:
    """The file's text.

    Args:
        stack: What Recon found.
        answers: Settings that the user gave, by key; `env` by variable.
    """
    parts = [HEAD]
    if answers:
        parts.append("\n" + _yaml(answers))
    if lines := list(_facts(stack, answers)):
        parts += [FOUND, *lines]
    parts += [*_secrets(stack, answers), *_variables(stack, answers)]
    parts += [EXAMPLES, *_examples("".join(parts)), ENVIRONMENTS]
    return "".join(parts)


def _examples(text: str) -> Iterator[str]:
    """Of each setting that the text does not have, also in a comment: once more is refused."""
    for name, example in EXAMPLE.items():
        if not re.search(rf"^(# )?{name}:", text, re.MULTILINE):
            yield "".join(f"# {line}\n" for line in example.splitlines())


def unknown(stack: TechStack) -> list[Variable]:
    """The variables that the application must have, that nothing gives, and that are no secrets."""
    names = {one.name for one in _required(stack) if SECRET.search(one.name)}
    return [one for one in _required(stack) if one.name not in {DATABASE_URL, REDIS_URL, *names}]


def _required(stack: TechStack) -> list[Variable]:
    return [one for one in stack.variables if one.required]


def _facts(stack: TechStack, answers: Mapping[str, Any]) -> Iterator[str]:
    for name in FACTS:
        value = getattr(stack, name)
        if value is not None and name not in answers:
            yield _comment({name: value}, _grounds(stack, name, value))
    others = {name: one for name, one in stack.processes.items() if name != "web"}
    if others:
        yield _comment({"processes": others}, "")
    elif worker := next((one for one in stack.evidence if one.fact == "worker"), None):
        yield "\n# Looks like a process beside `web`; it runs once the # is taken away.\n"
        yield _comment({"processes": {"worker": worker.value}}, _place(worker))


def _secrets(stack: TechStack, answers: Mapping[str, Any]) -> Iterator[str]:
    """Secrets stand nowhere in a repository; they are named, so that nobody forgets them."""
    wanting = [name for name in _wanting(stack, answers) if SECRET.search(name)]
    said = {name: {"generate": OWN_LENGTH} if OWN.fullmatch(name) else {} for name in wanting}
    if said:
        yield SECRETS + _yaml({"secrets": said})


def _wanting(stack: TechStack, answers: Mapping[str, Any]) -> list[str]:
    made = {DATABASE_URL: {*MANAGED}, REDIS_URL: {REDIS}}
    given = {*answers.get("env", {})}
    given |= {name for name, kinds in made.items() if kinds & {*stack.databases}}
    return [one.name for one in _required(stack) if one.name not in given]


def _variables(stack: TechStack, answers: Mapping[str, Any]) -> Iterator[str]:
    wanting = [name for name in _wanting(stack, answers) if not SECRET.search(name)]
    if wanting:
        yield f"\n# The application needs variables that nothing gives: {', '.join(wanting)}.\n"


def _grounds(stack: TechStack, name: str, value: Any) -> str:
    for one in stack.evidence:
        if one.fact == name and one.value == str(value):
            return _place(one)
    return ""


def _place(one: Evidence) -> str:
    return f"{one.file}:{one.line}" if one.line else one.file


def _comment(said: Mapping[str, Any], grounds: str) -> str:
    text = "".join(f"# {line}\n" for line in _yaml(said).splitlines())
    return f"{text.removesuffix(chr(10))}  # {grounds}\n" if grounds else text


def _yaml(said: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(said), sort_keys=False, allow_unicode=True, width=10_000)
