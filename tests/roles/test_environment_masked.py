"""What an application has logged is shown without its secrets."""

from __future__ import annotations

import pytest

FILE = 'DATABASE_URL="postgres://shop:p\\"w\\$x@db/shop"\nKEY="one line\nanother line"\nONE="1"\n'
PLAIN = 'GREETING="hello"\n'


@pytest.fixture
def host(plugin, tmp_path, monkeypatch):
    module = plugin("environment/module_utils/environment_release.py")
    monkeypatch.setattr(module, "SRV", str(tmp_path))
    folder = tmp_path / "shop/environment"
    folder.mkdir(parents=True)
    (folder / "r1.env").write_text(FILE + PLAIN)
    return module


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('cannot reach postgres://shop:p"w$x@db/shop', "cannot reach ***"),
        ("<another line>", "<***>"),
        ("hello, 1 of 10", "hello, 1 of 10"),
    ],
)
def test_secrets_are_masked_and_nothing_else(host, line, shown):
    assert host.masked([line], "shop", "r1", ["DATABASE_URL", "KEY", "ONE"]) == [shown]


def test_without_secrets_or_a_file_lines_are_as_they_are(host):
    assert host.masked(["hello"], "shop", "r1", []) == ["hello"]
    assert host.masked(["hello"], "shop", "gone", ["KEY"]) == ["hello"]
