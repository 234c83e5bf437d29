"""Property 50: whatever text a deployment holds, on its page it is text, never markup."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy import pages
from autodeploy.journal import events as e
from autodeploy.journal.fold import fold
from eventkit import begin, events, unsynced

pytestmark = pytest.mark.property

HOSTILE = ["<b id=evil>", "</script><script id=evil>", '"><img id=evil src=//x>',
           "' onload=evil x='", "</style>", "<!--", "]]>", "&lt;b id=evil&gt;", "{{7*7}}",
           "javascript:evil", "\u202eevil", "\x1b[31m", "\x00", "\ud800"]  # fmt: skip
ADDED = st.sampled_from(HOSTILE)
KEPT = {"kind", "agent", "outcome", "level", "action", "status", "time", "seq", "severity"}


def poisoned(value, texts):
    """The document with something hostile in each text that is free."""
    if isinstance(value, dict):
        return {k: one if k in KEPT else poisoned(one, texts) for k, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, texts) for one in value]
    return value + texts if isinstance(value, str) and not _is_moment(value) else value


def _is_moment(text):
    return text[:4].isdigit() and text.endswith("Z")


@given(st.lists(events, max_size=8), ADDED)
def test_text_stays_text(written, hostile):
    with TemporaryDirectory() as folder, unsynced():
        store, journal = begin(Path(folder))
        for event in written:
            journal.write(event)
        history = store.history(journal.state.id)
    said = [json.loads(one.model_dump_json()) for one in history]
    rest = (e.adapter.validate_python(poisoned(one, hostile), strict=False) for one in said[2:])
    told = [*history[:2], *rest]
    state = fold(told)
    text = pages.html(pages.view(state, told, [hostile], history[0].time))
    page = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)
    assert [one for one in page.iter() if one.get("id") == "evil"] == []
    assert len(list(page.iter("script"))) == len(list(page.iter("style"))) == 1
    for one in page.iter():
        assert not [name for name in one.keys() if str(name).startswith("on")]  # noqa: SIM118
        assert not (one.get("href") or "").startswith("javascript")
    assert not {"\u202e", "\x1b", "\x00"} & set(text)
    text.encode()
