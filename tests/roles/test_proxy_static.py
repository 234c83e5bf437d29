"""Files that nginx serves: which page answers, and an ETag that changes with the content."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def static(plugin):
    return plugin("proxy/module_utils/proxy_static.py")


def etag(path):
    """As nginx makes it: the time and the size."""
    seen = path.stat()
    return int(seen.st_mtime), seen.st_size


@pytest.mark.property
@given(one=st.binary(max_size=64), other=st.binary(max_size=64))
def test_files_have_the_same_etag_if_and_only_if_they_are_the_same(static, one, other):
    with tempfile.TemporaryDirectory() as name:
        first, second = Path(name, "first"), Path(name, "second")
        for path, content in ((first, one), (second, other)):
            path.write_bytes(content)
            os.utime(path, (1, 1))
            static.stamp(str(path))
        assert (etag(first) == etag(second)) is (one == other)
        assert max(etag(first)[0], etag(second)[0]) < time.time()


def test_what_is_no_file_is_let_be(static, tmp_path):
    secret, link, pipe = tmp_path / "secret", tmp_path / "link", tmp_path / "pipe"
    secret.write_text("outside")
    link.symlink_to(secret)
    os.mkfifo(pipe)
    before = etag(secret)
    for path in (link, pipe, tmp_path, tmp_path / "gone"):
        static.stamp(str(path))
    assert etag(secret) == before


@pytest.mark.parametrize(
    ("there", "path", "single", "found"),
    [
        (["index.html"], "/", False, "index.html"),
        (["health.txt"], "/health.txt", False, "health.txt"),
        (["health.txt"], "/", False, None),
        (["about.html"], "/about", False, "about.html"),
        (["docs/index.html"], "/docs/", False, "docs/index.html"),
        (["index.html"], "/healthz?deep=1", True, "index.html"),
        (["index.html"], "/healthz", False, None),
        ([], "/", True, None),
    ],
)
def test_the_page_of_a_path(static, tmp_path, there, path, single, found):
    for name in there:
        file = tmp_path / "dist" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    expected = str(tmp_path / "dist" / found) if found else None
    assert static.page(str(tmp_path), "dist", path, single) == expected
