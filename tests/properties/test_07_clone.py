"""Property 7: any repository arrives whole at the asked ref, whatever its names and sizes.

And a look at it, without a checkout, sees the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy import recon

pytestmark = [pytest.mark.property, pytest.mark.slow]

GIT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Quiet:
    def info(self, message: str) -> None:
        """Say nothing."""

    warning = info


# What a name in git may be, by gitrepository-layout and git-check-ref-format.
REF_CHARACTERS = st.characters(
    codec="utf-8", exclude_characters=" ~^:?*[\\/\x7f", exclude_categories=("Cc", "Cs", "Z")
)
REF_PART = st.text(REF_CHARACTERS, min_size=1, max_size=8).filter(
    lambda one: (
        not one.startswith((".", "-"))
        and not one.endswith((".", ".lock"))
        and ".." not in one
        and "@{" not in one
        and one != "@"
    )
)
REF = (
    st.lists(REF_PART, min_size=1, max_size=2)
    .map("/".join)
    .filter(lambda one: one not in ("HEAD", "base") and not one.startswith(("refs/", "base/")))
)
FILE_CHARACTERS = st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=("Cs",))
FILE_PART = st.text(FILE_CHARACTERS, min_size=1, max_size=10).filter(
    lambda one: (
        len(one.encode()) < 100
        and one not in (".", "..")
        and not one.lower().startswith((".git", "git~"))
        and "\u200c" not in one
    )
)
CONTENT = st.binary(max_size=40) | st.integers(0, 200_000).map(lambda size: b"x" * size)
ENTRY = st.tuples(st.sampled_from(["100644", "100755", "120000"]), CONTENT)
FILES = st.dictionaries(FILE_PART, ENTRY, min_size=1, max_size=4)
FOLDERS = st.dictionaries(FILE_PART, FILES, max_size=2)


@dataclass
class Tip:
    """A commit, its name and what it holds: mode and content by path."""

    ref: str
    kind: str
    files: dict[bytes, tuple[str, bytes]]


@st.composite
def repositories(draw):
    """Some commits, each the tip of a branch or tag with a name of its own."""
    names = draw(st.lists(REF, min_size=1, max_size=3, unique_by=lambda one: one.casefold()))
    tips = []
    for name in names:
        if any(
            f"{name}/".startswith(f"{tip.ref}/") or f"{tip.ref}/".startswith(f"{name}/")
            for tip in tips
        ):
            continue
        top, below = draw(FILES), draw(FOLDERS)
        files = {part.encode(): entry for part, entry in top.items() if part not in below}
        for folder, inside in below.items():
            files.update({f"{folder}/{part}".encode(): entry for part, entry in inside.items()})
        kind = draw(st.sampled_from(["branch", "tag", "annotated", "commit"]))
        tips.append(Tip(name, kind, {path: _linkable(entry) for path, entry in files.items()}))
    return tips


def _linkable(entry: tuple[str, bytes]) -> tuple[str, bytes]:
    mode, content = entry
    if mode == "120000" and (not content or b"\0" in content or len(content) > 200):
        return "100644", content
    return entry


def stream(tips: list[Tip]) -> bytes:
    """The repository as `git fast-import` reads it: made without a work tree, byte by byte."""
    out = []
    who = b"a <a@example.org> 1700000000 +0000\n"
    for number, tip in enumerate(tips):
        tag = tip.kind in ("tag", "annotated")
        name = tip.ref.encode()
        out.append(b"commit refs/heads/" + (b"base/%d" % number if tag else name) + b"\n")
        out.append(b"mark :%d\ncommitter " % (number + 1) + who + b"data 1\nx\n")
        if number:
            out.append(b"from :%d\ndeleteall\n" % number)
        for path, (mode, content) in tip.files.items():
            quoted = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
            out.append(b'M %s inline "%s"\n' % (mode.encode(), quoted))
            out.append(b"data %d\n" % len(content) + content + b"\n")
        if tip.kind == "tag":
            out.append(b"reset refs/tags/" + name + b"\nfrom :%d\n\n" % (number + 1))
        elif tip.kind == "annotated":
            out.append(
                b"tag " + name + b"\nfrom :%d\ntagger " % (number + 1) + who + b"data 1\nx\n"
            )
    return b"".join(out)


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=GIT, input=stdin, capture_output=True, check=True
    )
    return done.stdout


def arrived(folder: Path) -> dict[bytes, tuple[str, bytes]]:
    """Mode and content by path, read with nothing but the file system."""
    found = {}
    for path in folder.rglob("*"):
        name = os.fsencode(path.relative_to(folder))
        if path.is_symlink():
            found[name] = ("120000", os.fsencode(os.readlink(path)))  # noqa: PTH115 - pathlib drops a "/" at the end
        elif path.is_file():
            mode = "100755" if path.stat().st_mode & 0o100 else "100644"
            found[name] = (mode, path.read_bytes())
    return found


@given(repositories())
def test_what_arrives_is_what_was_committed(tips):
    with tempfile.TemporaryDirectory() as place:
        origin, cache = Path(place) / "origin", Path(place) / "cache"
        origin.mkdir()
        git(origin, "init", "--quiet", "--bare")
        git(origin, "fast-import", "--quiet", "--force", stdin=stream(tips))
        for number, tip in enumerate(tips):
            base = (
                f"refs/heads/base/{number}"
                if tip.kind in ("tag", "annotated")
                else f"refs/heads/{tip.ref}"
            )
            commit = git(origin, "rev-parse", base).decode().strip()
            ref = commit if tip.kind == "commit" else tip.ref
            source = recon.clone(f"file://{origin}", ref=ref, folder=cache, log=Quiet())
            assert source.commit == commit
            assert arrived(source.checkout) == tip.files
            assert [one.name for one in (cache / "checkouts").iterdir()] == [commit]


# Names and contents that detection cares for, so that links and includes between them matter.
READ_NAME = st.sampled_from(
    ["package.json", "requirements.txt", "app.py", "Procfile", "go.mod", ".nvmrc", "base.txt"]
)
READ_CONTENT = st.sampled_from(
    [
        b'{"dependencies": {"koa": "2"}, "scripts": {"start": "node x"}}',
        b"-r base.txt\n-r sub/base.txt\n-r ../base.txt\n",
        b"flask\npsycopg\n",
        b"from flask import Flask\nserver = Flask(__name__)\n",
        b"web: node x\n",
        b"module example.org/x\ngo 1.22\n",
        b"20",
    ]
)
TARGET = st.sampled_from(
    [
        *(
            b"base.txt",
            b"sub/base.txt",
            b"../base.txt",
            b"sub",
            b"..",
            b".",
            b"loop",
            b"/etc/hosts",
        ),
        *(
            b"../../outside",
            b"sub/../app.py",
            b"nothing/../app.py",
            b"package.json/",
            b"requirements.txt",
        ),
    ]
)
READ_ENTRY = st.tuples(st.just("100644"), READ_CONTENT) | st.tuples(st.just("120000"), TARGET)
READ = st.dictionaries(READ_NAME | st.just("loop") | FILE_PART, READ_ENTRY, min_size=1, max_size=6)
READ_FOLDERS = st.dictionaries(st.just("sub") | FILE_PART, READ, max_size=2)


@given(top=READ, below=READ_FOLDERS, lent=st.booleans())
def test_a_look_sees_what_is_in_the_checkout(top, below, lent):
    files = {part.encode(): entry for part, entry in top.items() if part not in below}
    for folder, inside in below.items():
        files.update({f"{folder}/{part}".encode(): entry for part, entry in inside.items()})
    with tempfile.TemporaryDirectory() as place:
        origin, cache = Path(place) / "origin.git", Path(place) / "cache"
        git(Path(place), "init", "--quiet", "--bare", str(origin))
        git(
            origin,
            "fast-import",
            "--quiet",
            "--force",
            stdin=stream([Tip("main", "branch", files)]),
        )
        git(origin, "config", "uploadpack.allowFilter", "true")
        # Without its suffix git finds it all the same, and its objects are not lent but fetched.
        url = f"file://{origin if lent else origin.with_suffix('')}"
        for path in (None, *sorted(below)):
            checkout = recon.clone(url, ref="main", path=path, folder=cache, log=Quiet())
            seen = recon.look(url, ref="main", path=path, folder=cache, log=Quiet())
            assert seen.commit == checkout.commit
            assert seen.stack == recon.detect(checkout)


@given(files=FILES, below=FOLDERS)
def test_a_plain_folder_arrives_whole(files, below):
    tree = {part: entry for part, entry in files.items() if part not in below}
    tree |= {
        f"{one}/{part}": entry for one, inside in below.items() for part, entry in inside.items()
    }
    ignored = ("node_modules", ".venv", "venv", "__pycache__", ".DS_Store")
    expected = {
        path.encode(): _linkable(entry)
        for path, entry in tree.items()
        if not path.endswith(".pyc") and not any(part in ignored for part in path.split("/"))
    }
    if not expected:
        return
    with tempfile.TemporaryDirectory() as place:
        plain = Path(place) / "plain"
        for path, (mode, content) in expected.items():
            file = plain / os.fsdecode(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            if mode == "120000":
                file.symlink_to(os.fsdecode(content))
            else:
                file.write_bytes(content)
                file.chmod(int(mode[3:], 8))
        source = recon.clone(str(plain), ref=None, folder=Path(place) / "cache", log=Quiet())
        shutil.rmtree(plain)
        assert arrived(source.checkout) == expected
