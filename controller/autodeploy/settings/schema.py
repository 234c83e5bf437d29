"""The settings as a JSON Schema, made from their model: editors and the reference read it."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from autodeploy.contracts import CronJob
from autodeploy.settings.acme import Acme
from autodeploy.settings.file import ENVIRONMENTS, SAYABLE
from autodeploy.settings.hardening import Hardening
from autodeploy.settings.hooks import Hooks
from autodeploy.settings.model import NAME, Settings
from autodeploy.settings.proxy import Proxy
from autodeploy.settings.secrets import DeclaredSecret
from autodeploy.settings.usage import Usage

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ATTRIBUTE = re.compile(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", re.M)
COMMENT = {"^x-": {"description": "A comment."}}


def schema() -> dict[str, Any]:
    """What `autodeploy.yml` may say: JSON Schema, draft 2020-12."""
    made = Settings.model_json_schema()
    definitions = made.get("$defs", {})
    for model in (Acme, CronJob, DeclaredSecret, Hardening, Hooks, Proxy, Usage):
        _describe(definitions[model.__name__], model)
    _describe(made, Settings)
    properties = {key: made["properties"][key] for key in SAYABLE}
    overlay = {
        "type": ["object", "null"],
        "properties": {key: {"$ref": f"#/properties/{key}"} for key in SAYABLE},
        "patternProperties": COMMENT,
        "additionalProperties": False,
    }
    properties[ENVIRONMENTS] = {
        "description": "What is otherwise in one environment, by its name.",
        "type": ["object", "null"],
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": overlay,
    }
    return {
        "$schema": DIALECT,
        "title": "autodeploy.yml",
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": COMMENT,
        "additionalProperties": False,
        "$defs": definitions,
    }


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """What a model's docstring says of each attribute, on one line."""
    return {
        name: " ".join(text.split()) for name, text in ATTRIBUTE.findall(f"    {model.__doc__}")
    }


def _describe(made: dict[str, Any], model: type[BaseModel]) -> None:
    said = meanings(model)
    for name, one in made["properties"].items():
        one.pop("title", None)
        one["description"] = said[name]
