"""Property 13 for real applications: every example, built twice in different folders."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import buildkit
from autodeploy.contracts import Source
from autodeploy.recon import detect
from autodeploy.settings import load

EXAMPLES = Path(__file__).parents[2] / "examples"
# What each is made of, at least: a package URL without its version.
MADE_OF = {
    "bottle-holidays": "pkg:pypi/icalendar",
    "django-polls": "pkg:pypi/django",
    "express-links": "pkg:npm/express",
    "fastapi-units": "pkg:pypi/pint",
    "flask-qr": "pkg:pypi/segno",
    "go-shorten": "pkg:golang/stdlib",
    "litestar-palette": "pkg:pypi/litestar",
}
# What a build has made, by path.
BUILT = {"django-polls": "collected/polls/style.css"}
DEVELOPMENT = "pkg:pypi/pytest"


def build(name, root, cache, log):
    folder = root / name
    shutil.copytree(EXAMPLES / name, folder)
    source = Source(url="x", checkout=folder, commit="0" * 40, name=name)
    settings = load({}, folder)
    return buildkit.build(source, settings.over(detect(source)), settings, cache, log)


@pytest.mark.slow
@pytest.mark.property
@pytest.mark.parametrize("name", sorted(MADE_OF))
def test_an_example_built_twice_is_the_same_and_says_what_it_is_made_of(name, tmp_path, journal):
    log = journal.agent("compiler")
    one = build(name, tmp_path / "a", tmp_path / "cache-a", log)
    elsewhere = tmp_path / "another" / "folder"
    elsewhere.mkdir(parents=True)
    other = tmp_path / "cache-b"
    other.mkdir()
    for shared in ("downloads", "toolchains"):
        there = tmp_path / "cache-a" / shared
        if there.exists():
            subprocess.run(["cp", "-a", there, other / shared], check=True)
    two = build(name, elsewhere, other, log)
    assert [layer.digest for layer in one.layers] == [layer.digest for layer in two.layers]
    assert one.digest == two.digest
    document = one.sbom.read_text()
    assert document == two.sbom.read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    purls = {part["purl"].partition("@")[0] for part in json.loads(document)["components"]}
    assert MADE_OF[name] in purls or MADE_OF[name].replace("@", "%40") in purls
    assert DEVELOPMENT not in purls
    assert one.tools
    paths = {json.loads(line)["path"] for line in one.layers[-1].listing.read_text().splitlines()}
    assert BUILT.get(name, next(iter(paths))) in paths
