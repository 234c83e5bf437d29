"""Every relative link of README and docs/ leads somewhere, to the heading that it names too."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("roles/*/README.md")])
IMAGE_OR_LINK = {"link_open": "href", "image": "src"}


def links(page):
    for block in MarkdownIt().enable("table").parse(page.read_text()):
        for token in block.children or ():
            if token.type in IMAGE_OR_LINK:
                yield str(token.attrs[IMAGE_OR_LINK[token.type]])


def anchors(page):
    """The names that GitHub gives a page's headings."""
    tokens = MarkdownIt().parse(page.read_text())
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            words = "".join(one.content for one in inline.children or ())
            yield re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_pages_links_lead_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        if ":" in path:
            assert path.startswith("https://"), link
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in set(anchors(target)), link


def test_the_index_has_every_page():
    index = ROOT / "docs/README.md"
    named = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    assert set(ROOT.glob("docs/*.md")) - named == {index}
