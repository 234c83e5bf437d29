"""A source that a test writes, and its build."""

from __future__ import annotations

import pytest

import buildkit
from autodeploy.compiler.job import job
from autodeploy.contracts import Source, TechStack
from autodeploy.settings import Settings


@pytest.fixture
def log(journal):
    return journal.agent("compiler")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path):
    """Write files by path; None as commit is a folder that is no checkout."""

    def write(files, commit="0" * 40, ignored=()):
        folder = tmp_path / "checkout"
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return Source(url="x", checkout=folder, commit=commit, name="shop", ignored=ignored)

    return write


@pytest.fixture
def build(cache, log):
    def run(source, settings=Settings(), **stack):  # noqa: B008 (frozen)
        return buildkit.build(source, TechStack(**stack), settings, cache, log)

    return run


@pytest.fixture
def open_job(cache, log, source):
    """The job of files and a stack."""

    def open_it(files, settings=Settings(), **stack):  # noqa: B008 (frozen)
        return job(buildkit.order(source(files), TechStack(**stack), settings, cache, log), log)

    return open_it
