"""The tree of errors: drawn as it is, and each with what it means and what to do."""

from __future__ import annotations

import inspect
import re

import pytest

import troubleshooting
from autodeploy import errors
from autodeploy.errors import AutodeployError

TREE = list(troubleshooting.tree())
EXIT_CODES = {1, 2, 3, 130}
each_class = pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)


def test_the_tree_is_drawn_as_it_is():
    drawn, path = {}, []
    for line in errors.__doc__.splitlines():
        if found := re.match(r"([│ ]*)[├└]── (\w+)", line):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            drawn[found[2]] = path[depth - 1] if depth else "AutodeployError"
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in TREE}


@each_class
def test_it_says_what_it_means(kind):
    assert kind.__doc__, kind
    assert troubleshooting.meaning(kind).endswith("."), kind


@each_class
def test_it_has_a_remediation_of_its_own(kind):
    """The root's own is for nobody: it would only say that nobody knows."""
    assert "default_remediation" in vars(kind)
    assert len(kind.default_remediation) > 20
    same = [one for one in TREE if one.default_remediation == kind.default_remediation]
    assert same == [kind]


@each_class
def test_it_has_an_exit_code(kind):
    assert kind.exit_code in EXIT_CODES


def test_the_page_is_up_to_date_and_has_causes_for_each():
    """`PYTHONPATH=tests/kit python tests/kit/troubleshooting.py` writes it."""
    assert troubleshooting.PAGE.read_text() == troubleshooting.page()
    assert set(troubleshooting.causes()) == {kind.__name__ for kind in TREE}


@each_class
def test_a_remediation_names_only_commands_that_there_are(kind):
    from autodeploy.cli.main import COMMANDS

    said = re.findall(r"`autodeploy ([a-z-]+)", kind.default_remediation)
    assert set(said) <= set(COMMANDS)


def test_no_class_hides_elsewhere():
    from autodeploy.cli import main  # noqa: F401  what it imports may define some

    inside = {one for one in vars(errors).values() if inspect.isclass(one)}
    assert set(TREE) == {one for one in inside if issubclass(one, AutodeployError)} - {
        AutodeployError
    }
