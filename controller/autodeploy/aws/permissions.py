"""What IAM must allow, as policies, as lines of one, and as what can be asked beforehand. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from autodeploy.aws import stategrants
from autodeploy.aws.grants import KINDS, SCOPES, Scope

OTHERS = Scope("AskBeforehand")
"""What is asked only to say more, sooner: no deployment fails for want of it."""


READS = ("Describe", "List")


def granted(kinds: Iterable[str], looked_for: Iterable[str] = ()) -> dict[Scope, tuple[str, ...]]:
    """The actions that some kinds take, by scope, in the policy's order.

    Args:
        kinds: Which.
        looked_for: Kinds that are looked for and not made: what only reads.
    """
    pairs = [pair for kind in dict.fromkeys(kinds) for pair in KINDS[kind].needs.items()]
    found = {
        scope: [name for one, names in pairs if one is scope for name in names.split()]
        for scope in SCOPES
    }
    for scope, names in (pair for kind in looked_for for pair in KINDS[kind].needs.items()):
        found[scope] += [one for one in names.split() if one.partition(":")[2].startswith(READS)]
    return {scope: tuple(sorted(set(names))) for scope, names in found.items() if names}


def document(
    kinds: Iterable[str], state: str | None = None, looked_for: Iterable[str] = ()
) -> dict[str, Any]:
    """The least policy that is enough to look for, make, change and remove some kinds.

    Args:
        kinds: Which.
        state: Where the state is in S3: `BUCKET` or `BUCKET/PREFIX`; None where it is not.
        looked_for: As in `granted`.
    """
    statements = [scope.statement(some) for scope, some in granted(kinds, looked_for).items()]
    kept = stategrants.statements(state) if state else []
    return {"Version": "2012-10-17", "Statement": statements + kept}


def examples(kinds: Iterable[str], region: str, account: str, partition: str = "aws") -> list[str]:
    """One ARN for each kind and each scope, and `*`: what IAM can be asked about beforehand."""
    wanted = tuple(kinds)
    named = [f"arn:aws:{KINDS[kind].arn}" for kind in wanted]
    scoped = [one.resource for one in granted(wanted) if one.resource != "*"]
    return ["*", *sorted({_example(one, region, account, partition) for one in named + scoped})]


def _example(pattern: str, region: str, account: str, partition: str) -> str:
    """An ARN that a pattern fits."""
    _arn, _aws, service, where, whose, name = pattern.split(":", 5)
    parts = ["arn", partition, service, where.replace("*", region), whose.replace("*", account)]
    return ":".join([*parts, name.replace("*", "example")])


def facts(region: str) -> dict[str, str]:
    """Condition keys, of all policies that are printed, and values that they have in our calls."""
    keys = {key: value for scope in SCOPES for key, value in scope.keys.items()}
    one_each = {key: value if isinstance(value, str) else value[-1] for key, value in keys.items()}
    return {**one_each, "aws:RequestedRegion": region, "ec2:Region": region}


def lines(actions: Iterable[str]) -> dict[str, str]:
    """The statements that allow some actions, each on one line, by the statement's name.

    Actions of no kind, such as IAM's own, get a statement of theirs.
    """
    known = {**granted(KINDS), **stategrants.needs()}
    scopes = reversed(known.items())  # the first of an action's scopes is taken
    of = {action: scope for scope, some in scopes for action in some}
    found: dict[Scope, list[str]] = {}
    for action in sorted(set(actions)):
        found.setdefault(of.get(action, OTHERS), []).append(action)
    return {scope.sid: _line(scope.statement(some)) for scope, some in found.items()}


def _line(statement: Mapping[str, Any]) -> str:
    return json.dumps({key: value for key, value in statement.items() if key != "Sid"})
