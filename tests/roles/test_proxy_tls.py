"""Port 443: the text that the site includes, and what nginx is never told."""

from __future__ import annotations

from pathlib import Path

import pytest

from rolekit import together

CASES = Path(__file__).parent / "cases/proxy"
GOOD = {
    "names": ["shop.example", "www.shop.example"],
    "certificate": "/etc/letsencrypt/live/shop/fullchain.pem",
    "key": "/etc/letsencrypt/live/shop/privkey.pem",
}


@pytest.fixture
def module():
    return together("proxy/module_utils/proxy_tls.py")


@pytest.mark.parametrize(
    ("said", "case"),
    [
        ("nginx version: nginx/1.22.1\n", "tls-1.22.conf"),
        ("nginx version: nginx/1.26.3 (Debian)\n", "tls-1.26.conf"),
    ],
)
def test_the_text(module, said, case):
    assert module.text(GOOD, module.version(said)) == (CASES / case).read_text()


def test_the_syntax_changes_where_nginx_begins_to_warn(module):
    texts = {one: module.text(GOOD, one) for one in [(1, 25, 0), (1, 25, 1)]}
    assert ["http2 on;" in text for text in texts.values()] == [False, True]
    assert ["ssl http2" in text for text in texts.values()] == [True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": []},
        {"names": ["shop.example", "a b.example"]},
        {"names": ['a".example']},
        {"names": ["a.example;"]},
        {"names": ["$host.example"]},
        {"certificate": "/etc/../shadow"},
        {"key": "key.pem"},
        {"key": "/a b"},
        {"key": "/a;"},
        {"key": "/$host"},
    ],
)
def test_what_nginx_would_read_otherwise_is_refused(module, wrong):
    assert module.unspeakable(GOOD) is None
    assert module.unspeakable({**GOOD, **wrong})


def test_what_tls_takes_is_looked_for(module, tmp_path):
    def missing():
        return module.missing("shop", files, str(tmp_path))

    files = {**GOOD, "certificate": f"{tmp_path}/full", "key": f"{tmp_path}/key"}
    assert "no site" in missing()
    (tmp_path / "shop").write_text("server {}")
    assert "deploy once" in missing()
    (tmp_path / "shop").write_text("include /etc/nginx/autodeploy/shop/*.conf;")
    assert f"no file {tmp_path}/full" in missing()
    (tmp_path / "full").touch()
    (tmp_path / "key").touch()
    assert missing() is None
