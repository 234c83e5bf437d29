"""The way back: what the role wrote goes, what others have written since stays."""

from __future__ import annotations

import difflib
import os
import stat

from ansible.module_utils.hardening_host import ABSENT, KEPT, MODE, WRITTEN, read, replace


def put_back(module, kept=KEPT):
    """Take our changes of files and modes back; says which were changed by that.

    What others have changed in a file since stays.
    """
    found = [os.path.join(folder, name) for folder, _, names in os.walk(kept) for name in names]
    changed = []
    for copy in sorted(found):
        stem, suffix = os.path.splitext(copy)
        suffix = suffix if suffix in KINDS else ""
        path = (stem if suffix else copy)[len(kept) :]
        step = KINDS[suffix](copy, path)
        if step:
            changed.append(path)
            if not module.check_mode:
                step()
    return list(dict.fromkeys(changed))


def _remove_again(_copy, path):
    return (lambda: os.unlink(path)) if os.path.lexists(path) else None


def _write_again(copy, path):
    now, before = read(path), read(copy)
    text = before if now is None else undone(now, before, read(copy + WRITTEN) or now)
    if now == text:
        return None

    def step():
        owner = os.stat(copy)
        replace(path, text, stat.S_IMODE(owner.st_mode))
        os.chown(path, owner.st_uid, owner.st_gid)

    return step


def _widen_again(copy, path):
    before, ours = (int(word, 8) for word in read(copy).split())
    narrow = os.path.exists(path) and stat.S_IMODE(os.lstat(path).st_mode) == ours
    return (lambda: os.chmod(path, before)) if narrow and not os.path.islink(path) else None


KINDS = {"": _write_again, ABSENT: _remove_again, MODE: _widen_again, WRITTEN: lambda *_: None}


def undone(now, before, after):
    """A text without our change: what others have changed since stays.

    Args:
        now: The text.
        before: What it was before our first change.
        after: What it was after our last one.
    """
    if now == after:
        return before
    lines, old, new = (text.splitlines() for text in (now, before, after))
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for kind, first, last, start, end in steps:
        ours = new[start:end] if kind != "equal" else []
        places = [at for at in range(len(lines)) if lines[at : at + len(ours)] == ours]
        if ours and places:
            lines[places[0] : places[0] + len(ours)] = old[first:last]
    return "".join(f"{line}\n" for line in lines)
