"""Where a secret word has come to: in files here, in files and the journal of a host."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def files_with(word: str, *folders: Path) -> list[Path]:
    """The files below folders that hold the word, links to nothing and sockets left out.

    A killed run's last processes tidy up while we look: what is gone holds nothing any more.
    """
    found = []
    walks = (one for folder in folders for one in os.walk(folder))
    for path in (Path(parent, name) for parent, _folders, names in walks for name in names):
        with suppress(FileNotFoundError):
            if path.is_file() and word.encode() in path.read_bytes():
                found.append(path)
    return found


def on_host(word: str) -> str:
    """A shell line that tells the files of a host that hold the word, and its journal's lines."""
    # The pattern does not match itself: not in the line that looks, nor in its journal.
    pattern = f"[{word[0]}]{word[1:]}"
    others = " ".join(f"--exclude-dir={name}" for name in ("proc", "sys", "usr"))
    files = f"sudo grep -rls {others} {pattern} / || true"
    return f"{files}; sudo journalctl -a --no-pager | grep {pattern} || true"
