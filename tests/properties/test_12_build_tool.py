"""Property 12: the build tool is a function of the language and the lock file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodeploy.compiler.node.versions import satisfies, wanted
from autodeploy.compiler.tools import choose
from autodeploy.errors import BuildError

# In order: the first that is there says which tool.
FILES = {
    "node": "package-lock.json:npm npm-shrinkwrap.json:npm pnpm-lock.yaml:pnpm yarn.lock:yarn "
    "bun.lock:bun bun.lockb:bun",
    "python": "uv.lock:uv poetry.lock:poetry pdm.lock:pdm Pipfile.lock:pipenv "
    "requirements.txt:pip pyproject.toml:pip setup.cfg:pip setup.py:pip",
    "go": "go.mod:gomod",
}
PAIRS = {
    language: [tuple(pair.split(":")) for pair in text.split()] for language, text in FILES.items()
}
NOISE = ["README.md", "main.go", "app.py", "index.js", "yarn.lock.bak", "sub/uv.lock", "a/go.mod"]


@st.composite
def repositories(draw):
    language = draw(st.sampled_from(sorted(PAIRS)))
    names = [name for name, _tool in PAIRS[language]]
    there = draw(st.lists(st.sampled_from(names), unique=True))
    noise = draw(st.lists(st.sampled_from(NOISE), unique=True))
    return language, there, noise


@pytest.mark.property
@settings(max_examples=1000)
@given(repositories(), st.randoms())
def test_without_a_word_of_recon_the_first_lock_file_decides(repository, random):
    language, there, noise = repository
    expected = [pair for pair in PAIRS[language] if pair[0] in there]
    names = [*there, *noise]
    random.shuffle(names)
    tool = choose(language, None, names)
    if expected:
        assert (tool.lock, tool.name) == expected[0]
    else:
        assert tool.lock is None
        assert tool.name == {"node": "npm", "python": "pip", "go": "gomod"}[language]


@pytest.mark.property
@given(repositories(), st.data())
def test_recons_word_wins_and_only_its_own_lock_file_is_taken(repository, data):
    language, there, noise = repository
    word = data.draw(st.sampled_from(sorted({tool for _name, tool in PAIRS[language]})))
    tool = choose(language, word, {*there, *noise})
    own = [name for name, name_tool in PAIRS[language] if name_tool == word and name in there]
    assert tool.name == word
    assert tool.lock == (own[0] if own else None)


@pytest.mark.property
@given(st.none() | st.text(), repositories())
def test_other_languages_are_refused(language, repository):
    if language in {*PAIRS, "static"}:
        return
    with pytest.raises(BuildError) as caught:
        choose(language, None, repository[1])
    assert "python" in caught.value.remediation


# Lock files of Node's managers: the manager, the line that writes the format, how it begins.
FORMATS = [
    ("pnpm", "7", "lockfileVersion: 5.4\n"),
    ("pnpm", "8", "lockfileVersion: '6.0'\n"),
    ("pnpm", "10", "lockfileVersion: '9.0'\n"),
    ("yarn", "1", "# yarn lockfile v1\n"),
    ("yarn", "3", "__metadata:\n  version: 6\n"),
    ("yarn", "4", "__metadata:\n  version: 8\n"),
    ("bun", "1", '{"lockfileVersion": 1}\n'),
]
VERSIONS = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)).map(
    lambda numbers: ".".join(map(str, numbers))
)


@pytest.mark.property
@given(st.sampled_from(FORMATS), st.text())
def test_nodes_manager_is_of_the_line_that_wrote_the_lock_file(one, rest):
    name, line, beginning = one
    assert wanted(name, {}, f"{beginning}\n{rest}", berry=False) == line


@pytest.mark.property
@given(st.sampled_from(FORMATS), VERSIONS, st.sampled_from(["", "+sha512.0a", "+sha224.ff"]))
def test_what_package_manager_says_is_exact(one, version, checksum):
    name, _line, lock = one
    manifest = {"packageManager": f"{name}@{version}{checksum}", "engines": {name: "99"}}
    assert wanted(name, manifest, lock, berry=False) == version


@pytest.mark.property
@given(st.sampled_from(FORMATS), VERSIONS, st.sampled_from(["^", "~", ">=", "<="]))
def test_a_range_is_never_left(one, version, operator):
    name, _line, lock = one
    asked = f"{operator}{version}"
    found = wanted(name, {"engines": {name: asked}}, lock, berry=False)
    assert found == asked or satisfies(f"{found}.99999.99999", asked)


@pytest.mark.property
@given(st.sampled_from(FORMATS), st.text(min_size=1))
def test_whatever_stands_there_is_a_version_or_an_error(one, text):
    name, _line, lock = one
    try:
        found = wanted(name, {"packageManager": f"{name}@{text}"}, lock, berry=False)
    except BuildError as error:
        assert "packageManager" in error.message  # noqa: PT017
    else:
        assert not {"/", ":", "@", "#"} & set(found)
