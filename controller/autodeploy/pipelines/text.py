"""A workflow's text: a file that stands beside this one, with the facts in it."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Literal

from autodeploy.pipelines.facts import Facts

Kind = Literal["github", "gitlab"]
FILES: dict[Kind, str] = {
    "github": ".github/workflows/autodeploy.yml",
    "gitlab": ".gitlab-ci.yml",
}
"""Where in a repository each system looks."""


def workflow(kind: Kind, facts: Facts) -> str:
    """The text of the file."""
    text = files(__package__).joinpath(f"{kind}.yml").read_text(encoding="utf-8")
    values = {**vars(facts), "options": facts.options}
    return re.sub(r"@(\w+)@", lambda found: values[found[1]], text)
