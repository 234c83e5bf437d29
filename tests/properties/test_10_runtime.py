"""Property 10, its other half: what runs satisfies what is declared, else the error says why.

The oracle compares tuples of numbers; it knows nothing of the parsers.
"""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.compiler.image import fitting_image, satisfies
from autodeploy.compiler.runtime import decide
from autodeploy.contracts import IMAGES, RuntimeVersion, TechStack
from autodeploy.errors import RuntimeUnsupported
from autodeploy.settings import Settings

pytestmark = pytest.mark.property

COMPARE = {">=": operator.ge, "<": operator.lt, "<=": operator.le, ">": operator.gt}
LINES = {"python": [(3, minor) for minor in range(8, 16)], "node": [(n,) for n in range(16, 27)]}


def dotted(numbers):
    return ".".join(map(str, numbers))


def numbers(version):
    return tuple(map(int, version.split(".")))


def versions(language):
    tail = 3 - len(LINES[language][0])
    return st.tuples(st.sampled_from(LINES[language]), st.tuples(*[st.integers(0, 20)] * tail)).map(
        lambda pair: (*pair[0], *pair[1])
    )


@st.composite
def constraints(draw, language):
    """A constraint in the ecosystem's notation, and what it means for a version's numbers."""
    version = draw(versions(language))
    width = len(LINES[language][0])
    kind = draw(st.sampled_from([*COMPARE, "line", "pin", "caret", "tilde"]))
    if kind in COMPARE:
        return kind + dotted(version), lambda one: COMPARE[kind](one, version)
    if kind == "line":
        return dotted(version[:width]), lambda one: one[:width] == version[:width]
    if kind == "pin":  # Met by its line: distributions move the patch.
        return dotted(version), lambda one: one[:width] == version[:width]
    if kind == "caret":
        return "^" + dotted(version), lambda one: version <= one < (version[0] + 1, 0, 0)
    return "~" + dotted(version), lambda one: version <= one and one[:2] == version[:2]


@st.composite
def worlds(draw):
    language = draw(st.sampled_from(sorted(LINES)))
    text, good = draw(constraints(language))
    there = [dotted(one) for one in draw(st.lists(versions(language), max_size=12))]
    image = IMAGES[draw(st.sampled_from(sorted(IMAGES)))]
    stack = TechStack(language=language, runtime_version=RuntimeVersion(declared=text))
    return stack, good, there, image


@given(worlds())
def test_what_runs_satisfies_or_the_error_says_what_there_is(world):
    stack, good, there, image = world
    own, declared = image.version(stack.language), stack.runtime_version.declared
    assert satisfies(stack.language, own, declared) is good(numbers(own))
    fitting = [one for one in there if good(numbers(one))]
    if fitting:
        chosen = decide(stack, image, there)
        exact = declared if declared in fitting else None
        assert numbers(chosen) == numbers(exact or max(fitting, key=numbers))
        return
    with pytest.raises(RuntimeUnsupported) as caught:
        decide(stack, image, there)
    assert declared in caught.value.message
    assert all(one.version(stack.language) in caught.value.cause for one in IMAGES.values())
    width = len(LINES[stack.language][0])
    assert all(dotted(numbers(one)[:width]) in caught.value.cause for one in there)


@given(worlds())
def test_an_image_is_changed_only_for_one_that_fits(world):
    stack, good, _there, _image = world
    fits = {name: good(numbers(one.version(stack.language))) for name, one in IMAGES.items()}
    chosen = fitting_image(stack, Settings())
    assert fits[chosen] or not any(fits.values())
    if fits["debian-12"] or not any(fits.values()):
        assert chosen == "debian-12"
