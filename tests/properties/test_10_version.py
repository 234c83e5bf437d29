"""Property 10: any valid constraint is resolved to the newest line with a release that satisfies.

The oracle compares tuples of numbers with all known releases; it knows nothing of the parsers.
"""

from __future__ import annotations

import json
import tempfile
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from autodeploy.contracts import Source
from autodeploy.recon import detect
from autodeploy.recon.versions import resolve

pytestmark = pytest.mark.property

TABLE = json.loads(files("autodeploy.recon").joinpath("data/runtimes.json").read_text())


def known(language):
    """Every release as numbers, with its line."""
    for line, patches in TABLE[language].items():
        numbers = [int(part) for part in line.split(".")]
        for minor, newest in enumerate(patches):
            for patch in range(newest + 1):
                whole = [*numbers, minor] if len(numbers) == 1 else numbers
                yield (*whole, patch), line


KNOWN = {language: sorted(known(language)) for language in ("python", "node", "go")}


def newest(language, good):
    """The line of the newest release for which the predicate holds."""
    return next((line for release, line in reversed(KNOWN[language]) if good(release)), None)


def dotted(numbers):
    return ".".join(map(str, numbers))


def releases(language, low=(0,)):
    return st.sampled_from([release for release, _ in KNOWN[language] if release >= low])


def padded(numbers):
    return (*numbers, 0, 0, 0)[:3]


def bumped(numbers, place):
    return padded((*numbers[:place], numbers[place] + 1))


COMPARE = {
    ">=": lambda one, other: one >= other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


@st.composite
def pep440(draw):
    """Clauses of PEP 440, and what they mean."""
    texts, tests = [], []
    for _ in range(draw(st.integers(1, 3))):
        release = draw(releases("python"))
        part = release[: draw(st.integers(2, 3))]
        kind = draw(st.sampled_from([*COMPARE, "!=", "==", "==.*", "!=.*", "~="]))
        if kind in COMPARE:
            text, test = (
                kind + dotted(part),
                (lambda one, k=kind, p=part: COMPARE[k](one, padded(p))),
            )
        elif kind in ("==", "!="):
            same = kind == "=="
            text, test = kind + dotted(release), (lambda one, r=release, s=same: (one == r) is s)
        elif kind == "~=":
            text = kind + dotted(part)
            test = lambda one, p=part: one >= padded(p) and one[: len(p) - 1] == p[:-1]  # noqa: E731
        else:
            line, same = release[:2], kind[0] == "="
            text = f"{kind[:2]}{dotted(line)}.*"
            test = lambda one, l=line, s=same: (one[:2] == l) is s  # noqa: E731, E741
        texts.append(text.replace(kind[:2], kind[:2] + draw(st.sampled_from(["", " "])), 1))
        tests.append(test)
    comma = draw(st.sampled_from([",", ", ", " , "]))
    return comma.join(texts), lambda one: all(test(one) for test in tests)


@st.composite
def poetry(draw):
    """Poetry's carets, tildes and wildcards."""
    texts, tests = [], []
    for _ in range(draw(st.integers(1, 2))):
        part = draw(releases("python", (3, 0)))[: draw(st.integers(2, 3))]
        kind = draw(st.sampled_from(["^", "~", ".*", "", "*"]))
        if kind in "^~" and kind:
            upper = bumped(part, 0 if kind == "^" else 1)
            text = kind + dotted(part)
            test = lambda one, p=part, u=upper: padded(p) <= one < u  # noqa: E731
        elif kind == "*":
            text, test = "*", lambda _one: True
        else:
            text = dotted(part[:2]) + kind
            test = lambda one, p=part: one[:2] == p[:2]  # noqa: E731
        texts.append(text)
        tests.append(test)
    return draw(st.sampled_from([" || ", "|"])).join(texts), lambda one: any(t(one) for t in tests)


@given(pep440())
def test_pep440(case):
    constraint, good = case
    assert resolve("python", constraint) == newest("python", good)


@given(poetry())
def test_poetry(case):
    constraint, good = case
    assert resolve("python", constraint) == newest("python", good)


@st.composite
def npm_part(draw):
    """One comparator of an npm range, and what it means."""
    release = draw(releases("node", (4,)))
    width = draw(st.integers(1, 3))
    part = release[:width]
    kind = draw(st.sampled_from(["^", "~", ">=", "<", "<=", ">", "", "x", "v", "=", "-"]))
    above = bumped(part, width - 1)
    if kind == "^":
        return "^" + dotted(part), lambda one: padded(part) <= one < bumped(part, 0)
    if kind == "~":
        upper = bumped(part, min(width, 2) - 1)
        return "~" + dotted(part), lambda one: padded(part) <= one < upper
    if kind in (">=", "<"):
        return kind + dotted(part), lambda one: COMPARE[kind](one, padded(part))
    if kind == "<=":
        return "<=" + dotted(part), lambda one: one < above
    if kind == ">":
        return ">" + dotted(part), lambda one: one >= above
    if kind == "-":
        other = max(release, draw(releases("node", (4,))))
        return f"{dotted(part)} - {dotted(other)}", lambda one: padded(part) <= one <= other
    text = dotted(part) + (".x" if kind == "x" and width < 3 else "")
    return ("" if kind == "x" else kind) + text, lambda one: one[:width] == part


@st.composite
def npm_range(draw):
    """Comparators that must all hold, in alternatives."""
    texts, tests = [], []
    for _ in range(draw(st.integers(1, 2))):
        parts = [draw(npm_part()) for _ in range(draw(st.integers(1, 2)))]
        hyphen = any(" - " in text for text, _ in parts)
        parts = parts[:1] if hyphen else parts
        texts.append(" ".join(text for text, _ in parts))
        tests.append([test for _, test in parts])
    if any(" - " in text for text in texts):
        texts, tests = texts[:1], tests[:1]
    return " || ".join(texts), lambda one: any(all(t(one) for t in some) for some in tests)


@given(npm_range())
def test_npm(case):
    constraint, good = case
    assert resolve("node", constraint) == newest("node", good)


@given(st.sampled_from(sorted(TABLE["node_lts"].items())), st.booleans())
def test_node_codenames(entry, capital):
    name, line = entry
    assert resolve("node", f"lts/{name.capitalize() if capital else name}") == line


@given(releases("go"), st.integers(2, 3))
@example(KNOWN["go"][-1][0], 3)
def test_go(release, width):
    wanted = release[:width]
    assert resolve("go", f">={dotted(wanted)}") == newest("go", lambda one: one >= padded(wanted))
    assert resolve("go", dotted(wanted)) == dotted(release[:2])


@given(st.text(max_size=30))
def test_what_is_no_constraint_resolves_to_nothing_or_a_line(text):
    for language in ("python", "node", "go"):
        assert resolve(language, text) in {None, *TABLE[language]}


PINS = {
    "python": (".python-version", {"requirements.txt": "flask"}),
    "node": (".nvmrc", {"package.json": '{"dependencies": {"express": "4"}}'}),
}


@given(st.sampled_from(sorted(PINS)), st.data(), st.sampled_from(["", "# pinned\n", "\ufeff", " "]))
def test_a_pin_in_its_file(language, data, before):
    release = data.draw(releases(language, (4,) if language == "node" else (3, 8)))
    file, others = PINS[language]
    assume(not (before == "\ufeff" and language == "node"))
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**others, file: f"{before}{dotted(release)}\n"}.items():
            (Path(folder) / name).write_text(content)
        found = detect(Source(url="x", checkout=Path(folder), commit=None, name="x"))
    version = found.runtime_version
    assert (version.declared, version.source) == (dotted(release), file)
    assert version.resolved == next(line for one, line in KNOWN[language] if one == release)
