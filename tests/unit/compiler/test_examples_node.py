"""The examples of Node's package managers and builds: in another folder, the same bytes.

They are built with real tools from the real registry.
"""

from __future__ import annotations

import shutil
import tarfile
from itertools import combinations
from pathlib import Path

import pytest

import buildkit
from autodeploy import recon
from autodeploy.contracts import Source
from autodeploy.settings import load

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[3] / "examples"
# What must and what must not be in the artifact, by path.
WANTED = {
    "express-links": ({"node_modules/express", "server.js"}, {"node_modules/supertest"}),
    "fastify-pastes": ({"node_modules/fastify", "server.js"}, {"node_modules/pino-pretty"}),
    "koa-polls": ({"node_modules/koa", "server.js"}, {"node_modules/supertest"}),
    "hono-zones": ({"node_modules/hono", "dist/server.js"}, {"node_modules/typescript"}),
    "bun-board": ({"node_modules/zod", "node_modules/.bin/bun"}, {"node_modules/@types"}),
    "vite-timer": ({"dist/index.html", "dist/health.txt"}, {"node_modules", "src", "index.html"}),
    "nest-inventory": (
        {"node_modules/@nestjs/core", "dist/main.js"},
        {"node_modules/typescript"},
    ),
    "go-uptime": ({"out", "web/dist/index.html"}, {"web/node_modules", "main.go"}),
    "next-recipes": (
        {".next/standalone/server.js", ".next/standalone/public/icon.svg"},
        {"node_modules", "app", ".next/cache"},
    ),
}

# Webpack numbers Next's chunks in the order in which threads are done, which on a busy machine is
# now and then another (vercel/next.js#70754): of three builds two are the same.
NUMBERED_BY_CHANCE = "next-recipes"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A cache whose downloads the builds of this module share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def build_example(shared, tmp_path, log, monkeypatch):
    """Build an example in a folder of its own, with nothing built before."""

    def run(name, folder):
        for made in ("layers", "index"):
            shutil.rmtree(shared / made, ignore_errors=True)
        checkout = tmp_path / folder / name
        shutil.copytree(EXAMPLES / name, checkout)
        source = Source(url="x", checkout=checkout, commit=None, name=name)
        settings = load({}, checkout)
        return buildkit.build(source, settings.over(recon.detect(source)), settings, shared, log)

    return run


def files(artifact):
    """Content by path, of all layers."""
    found = {}
    for layer in artifact.layers:
        with tarfile.open(layer.archive) as archive:
            for member in archive:
                taken = archive.extractfile(member) if member.isreg() else None
                found[member.name] = taken.read() if taken else member.linkname
    return found


def differences(pair):
    (_, one), (_, other) = pair
    return {path for path in {*one, *other} if one.get(path) != other.get(path)}


@pytest.mark.parametrize("name", sorted(WANTED))
def test_two_folders_one_artifact(build_example, name):
    made = []
    for folder in ("one", "another/place", "a/third/place"):
        artifact = build_example(name, folder)
        made.append((artifact, files(artifact)))
        if len(made) == 2 and (name != NUMBERED_BY_CHANCE or not differences(made)):
            break
    same = min(combinations(made, 2), key=lambda pair: len(differences(pair)))
    assert not differences(same)
    (one, first), (two, _) = same
    assert one.digest == two.digest
    wanted, unwanted = WANTED[name]
    assert wanted <= set(first)
    assert not {path for path in first if any(f"{path}/".startswith(f"{no}/") for no in unwanted)}
