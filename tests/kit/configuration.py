"""docs/configuration.md, made from the schema of the settings.

Run as a script, writes it; the test compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autodeploy.settings import IDENTITY
from autodeploy.settings.file import ENVIRONMENTS
from autodeploy.settings.schema import schema

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
HEAD = """\
# Configuration

Made from the settings' model by `tests/kit/configuration.py`: do not edit it here.

`autodeploy.yml` at the root of the repository, or of the application's folder in it, says what
autodeploy cannot find out. All of it is optional. `autodeploy init` writes a first one,
`autodeploy config validate` checks it, `autodeploy config show --origin` says what holds and why,
`autodeploy schema` prints the JSON Schema for editors.

A setting is taken from the first of these that has it:

1. an option of the command line, such as `--hosts 2`;
2. a variable, such as `AUTODEPLOY_HOSTS=2` (not for mappings and lists);
3. the environment's part of `autodeploy.yml`;
4. the rest of `autodeploy.yml`;
5. for what the application runs on, what an earlier command line said;
6. what is found in the repository;
7. the default.

Mappings are laid over each other key by key, everything else is taken whole. Keys that begin with
`x-` are comments; any other key that is not below is refused. What environments have otherwise
stands below `environments`:

```yaml
env:
  GREETING: "hello"
environments:
  staging:                 # autodeploy deploy . -e staging
    hosts: 1
    env:
      GREETING: "hello, tester"
```

"""


def page() -> str:
    """The whole page."""
    made = schema()
    return HEAD + "\n".join([*_table(made["properties"], made["$defs"]), "", *_elsewhere(), ""])


def _table(properties: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    yield "| setting | takes | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, one in _rows(properties, definitions):
        cells = (f"`{name}`", _kind(one), _default(one), one["description"])
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _rows(properties: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Any]:
    for name, one in properties.items():
        if name != ENVIRONMENTS:
            yield name, one
        for key, nested in _inside(one, definitions):
            yield f"{name}/{key}", nested
        for kind in one.get("additionalProperties", {}).get("anyOf", ()):
            for key, nested in _inside(kind, definitions):
                yield f"{name}/NAME/{key}", nested


def _inside(one: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Any]:
    return iter(
        definitions.get(one.get("$ref", "").rpartition("/")[2], {}).get("properties", {}).items()
    )


def _kind(one: Mapping[str, Any]) -> str:
    """What a value must be, in words."""
    if "anyOf" in one:
        return ", or ".join(_kind(kind) for kind in one["anyOf"] if kind.get("type") != "null")
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    names = {"integer": "whole number", "boolean": "`true`, `false`", "string": "text"}
    names["number"] = "number"
    kind = names.get(one.get("type", ""), "list" if one.get("type") == "array" else "mapping")
    low, high = one.get("minimum"), one.get("maximum")
    bounds = f" {low} to {high}" if high else f" from {low}" if low is not None else ""
    return kind + bounds


def _default(one: Mapping[str, Any]) -> str:
    default = one.get("default")
    return (
        "" if default in (None, {}, []) or isinstance(default, dict) else f"`{json.dumps(default)}`"
    )


def _elsewhere() -> Iterator[str]:
    options = ", ".join(f"`--{name.replace('_', '-')}`" for name in sorted(IDENTITY))
    yield f"Who the application is, and how this machine works on it, no file says: {options},"
    yield "or `AUTODEPLOY_...`; nor which hosts of yours it goes to: `--host`, `--ssh-key`."


if __name__ == "__main__":
    PAGE.write_text(page())
