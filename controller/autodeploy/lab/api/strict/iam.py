"""IAM policy documents: what one says of a request. Pure; what is not understood is refused."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from autodeploy.contracts import Contract

Verdict = Literal["allowed", "denied", "explicitly denied"]
Values = tuple[str, ...]
KEYS = re.compile(
    r"^(aws:resourcetag/.+|ec2:resourcetag/.+|aws:requesttag/.+|aws:tagkeys|aws:requestedregion"
    r"|ec2:region|\w+:createaction|iam:awsservicename)$"
)


def _like(value: str, pattern: str) -> bool:
    # IAM knows * and ? only; fnmatch knows [ too.
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
}
QUANTIFIERS = ("ForAllValues:", "ForAnyValue:")
IF_EXISTS = "IfExists"
NULL = "Null"
FIELDS = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})


class Asked(Contract):
    """One thing that a call needs to be allowed.

    Attributes:
        action: As IAM names it.
        resource: The ARN, or `*` where the service knows none.
        context: Condition keys, in lower case, and their values.
    """

    action: str
    resource: str
    context: Mapping[str, Values]


class Condition(Contract):
    """One operator with one key.

    Attributes:
        operator: With its quantifier and IfExists.
        key: In lower case.
        values: One of them is enough.
    """

    operator: str
    key: str
    values: Values

    def holds(self, context: Mapping[str, Values]) -> bool:
        """Whether a request meets it."""
        found = context.get(self.key, ())
        name = self.operator
        if name == NULL:
            return (not found) == (self.values[0].lower() == "true")
        if name.endswith(IF_EXISTS):
            if not found:
                return True
            name = name.removesuffix(IF_EXISTS)
        if name.startswith("ForAllValues:"):
            return all(self._meets(name.removeprefix("ForAllValues:"), one) for one in found)
        name = name.removeprefix("ForAnyValue:")
        if not found:
            return name in NEGATED
        return any(self._meets(name, one) for one in found)

    def _meets(self, name: str, value: str) -> bool:
        if name in NEGATED:
            same = OPERATORS[NEGATED[name]]
            return not any(same(value, wanted) for wanted in self.values)
        return any(OPERATORS[name](value, wanted) for wanted in self.values)


class Statement(Contract):
    """One statement.

    Attributes:
        allows: Whether its effect is Allow.
        actions: Patterns.
        all_but: Whether it speaks of every action but those.
        resources: Patterns.
        elsewhere: Whether it speaks of every resource but those.
        conditions: All of them must hold.
    """

    allows: bool
    actions: Values
    all_but: bool
    resources: Values
    elsewhere: bool
    conditions: tuple[Condition, ...]

    def speaks_of(self, asked: Asked) -> bool:
        """Whether its effect is a request's."""
        action = asked.action.lower()
        named = any(_like(action, one.lower()) for one in self.actions)
        there = any(_like(asked.resource, one) for one in self.resources)
        return (
            named != self.all_but
            and there != self.elsewhere
            and all(one.holds(asked.context) for one in self.conditions)
        )


def parse(document: Any) -> tuple[Statement, ...]:
    """The statements of a policy document.

    Raises:
        ValueError: It is none, or says what is not understood here.
    """
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise ValueError("a policy document has a Statement")
    said = document["Statement"]
    return tuple(_statement(one) for one in (said if isinstance(said, list) else [said]))


def decide(statements: Iterable[Statement], asked: Asked) -> Verdict:
    """What a policy says of a request: a Deny wins, and what nobody allows is denied."""
    speaking = [one for one in statements if one.speaks_of(asked)]
    if any(not one.allows for one in speaking):
        return "explicitly denied"
    return "allowed" if speaking else "denied"


def _statement(said: Any) -> Statement:
    unknown = set(said) - FIELDS
    if unknown or said.get("Effect") not in ("Allow", "Deny"):
        raise ValueError(f"this statement is not understood: {said}")
    if ("Action" in said) == ("NotAction" in said) or ("Resource" in said) == (
        "NotResource" in said
    ):
        raise ValueError(f"a statement has either an action or none, and so its resource: {said}")
    return Statement(
        allows=said["Effect"] == "Allow",
        actions=_values(said.get("Action", said.get("NotAction"))),
        all_but="NotAction" in said,
        resources=_values(said.get("Resource", said.get("NotResource"))),
        elsewhere="NotResource" in said,
        conditions=tuple(_conditions(said.get("Condition", {}))),
    )


def _conditions(said: Mapping[str, Mapping[str, Any]]) -> Iterable[Condition]:
    for operator, pairs in said.items():
        bare = operator.removesuffix(IF_EXISTS)
        for quantifier in QUANTIFIERS:
            bare = bare.removeprefix(quantifier)
        if bare not in {*OPERATORS, *NEGATED, NULL}:
            raise ValueError(f"the condition operator {operator} is not understood")
        for key, values in pairs.items():
            if not KEYS.match(key.lower()):
                raise ValueError(f"the condition key {key} is not understood")
            yield Condition(operator=operator, key=key.lower(), values=_values(values))


def _values(said: Any) -> Values:
    return tuple(map(str, said)) if isinstance(said, list) else (str(said),)
