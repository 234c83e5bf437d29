"""Django: static files are collected where the settings say where to."""

from __future__ import annotations

import re

from autodeploy.compiler.tree import Tree
from autodeploy.contracts import TechStack

COLLECT = "python manage.py collectstatic --noinput"
SETTINGS = re.compile(r"(^|/)settings(/[^/]+|[^/]*)\.py$")
STATIC_ROOT = re.compile(r"^\s*STATIC_ROOT\s*=\s*(?!None\b)\S", re.MULTILINE)


def build_command(stack: TechStack, tree: Tree) -> str | None:
    """The stack's own build command, else collectstatic where Django is told where to put files."""
    if stack.build_command or stack.framework != "django" or "manage.py" not in tree.names:
        return stack.build_command
    texts = (tree.read(path) for path in tree.paths if SETTINGS.search(path))
    return COLLECT if any(STATIC_ROOT.search(text) for text in texts) else None
