"""What is wrong with a setting, in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from pydantic import BaseModel, ValidationError

from autodeploy.settings.file import FILE, nearest
from autodeploy.settings.layers import Keys, Merged
from autodeploy.settings.model import Settings

TEXT = "string_type"
WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
        lambda _limits: "must be a whole number",
    ),
    **dict.fromkeys(
        ("float_type", "float_parsing", "finite_number"), lambda _limits: "must be a number"
    ),
    **dict.fromkeys(("bool_type", "bool_parsing"), lambda _limits: "must be true or false"),
    **dict.fromkeys(("dict_type", "model_type"), lambda _limits: "must be a mapping"),
    "missing": lambda _limits: "is missing",
    "tuple_type": lambda _limits: "must be a list",
    TEXT: lambda _limits: "must be text: put it in quotes",
    "string_too_short": lambda _limits: "must not be empty",
    "string_pattern_mismatch": lambda _limits: "is not of its form",
    "literal_error": lambda limits: f"must be {limits['expected']}",
    "greater_than_equal": lambda limits: f"must be at least {limits['ge']}",
    "less_than_equal": lambda limits: f"must be at most {limits['le']}",
}
"""Pydantic's kinds of errors; of any other, and of our own validators, the message is kept."""
SECRET = frozenset({"env", "secrets"})
"""Settings whose values are not repeated."""
LONGEST = 60


def explain(error: ValidationError, merged: Merged) -> list[str]:
    """Each thing that is wrong: `autodeploy.yml:3: port: must be a whole number, not 'x'`."""
    return [_line(dict(one), merged) for one in error.errors(include_url=False)]


def _line(one: Mapping[str, Any], merged: Merged) -> str:
    keys = tuple(str(key) for key in one["loc"] if key != "[key]")
    origin = merged.origin(keys)
    # An option and a variable are named after their setting.
    is_named = origin is not None and not origin.startswith(FILE) and len(keys) == 1
    shown = () if is_named else keys
    return ": ".join(part for part in (origin, "/".join(shown), _message(one, keys)) if part)


def _message(one: Mapping[str, Any], keys: Keys) -> str:
    kind = one["type"]
    if kind == "extra_forbidden":
        return " ".join(filter(None, ("is no setting.", nearest(keys[-1], _siblings(keys)))))
    if kind not in WORDS:
        return str(one["msg"]).removeprefix("Value error, ")
    said = WORDS[kind](one.get("ctx") or {})
    example = _example(keys) if kind == "string_pattern_mismatch" else ""
    given = "" if kind in {TEXT, "missing"} else _given(one["input"], keys)
    return f"{said}{example}{given}"


def _given(value: object, keys: Keys) -> str:
    if not isinstance(value, str | int | float) or SECRET & {*keys} or value == "":
        return ""
    # Python makes no text of a number of several thousand digits.
    is_huge = isinstance(value, int) and value.bit_length() > LONGEST
    shown = repr(value) if not is_huge else ""
    return f", not {shown}" if 0 < len(shown) <= LONGEST else ""


def _example(keys: Keys) -> str:
    field = Settings.model_fields.get(keys[0])
    for key in keys[1:]:
        kind = field.annotation if field else None
        field = kind.model_fields.get(key) if _is_model(kind) else None
    examples = field.examples if field else None
    return f", such as {examples[0]}" if examples else ""


def _siblings(keys: Keys) -> Iterator[str]:
    field = Settings.model_fields.get(keys[0])
    kind = field.annotation if field else None
    return iter(kind.model_fields if _is_model(kind) else Settings.model_fields)


def _is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
