from __future__ import annotations

import base64
import json
import secrets

import pytest

from autodeploy.compiler.node.nextjs import machine_key, settle

KEY = b"k" * 32


@pytest.fixture
def built(tmp_path):
    """What Next leaves, with values of chance in it."""

    def write(name, order=("a", "b")):
        output = tmp_path / name / ".next"
        build_id = secrets.token_urlsafe(15)[:18] + "-_x"
        keys = {
            "previewModeId": secrets.token_hex(16),
            "previewModeSigningKey": secrets.token_hex(),
        }
        encryption = base64.b64encode(secrets.token_bytes(32)).decode()
        comment = f"<!--{build_id.replace('-', '_')}-->"
        files = {
            "BUILD_ID": build_id,
            f"static/{build_id}/_buildManifest.js": "self.__BUILD_MANIFEST",
            "prerender-manifest.json": json.dumps({"preview": keys}),
            "server/server-reference-manifest.json": json.dumps({"encryptionKey": encryption}),
            "server/app-paths-manifest.json": json.dumps(dict.fromkeys(order, 1)),
            "standalone/.next/BUILD_ID": build_id,
            "standalone/.next/server/app/index.html": f"{comment}<p>{build_id}</p>",
            "standalone/node_modules/x/index.js": build_id,
        }
        for path, text in files.items():
            (output / path).parent.mkdir(parents=True, exist_ok=True)
            (output / path).write_text(text)
        return output

    return write


def contents(output):
    found = {str(path.relative_to(output)): path for path in output.rglob("*") if path.is_file()}
    return {name: path.read_text() for name, path in found.items() if "node_modules" not in name}


def test_the_same_source_has_the_same_ids_and_keys(built):
    one, two = built("one"), built("two", order=("b", "a"))
    assert contents(one) != contents(two)
    settle(one, "digest", KEY, {})
    settle(two, "digest", KEY, {})
    assert contents(one) == contents(two)


def test_another_source_or_machine_has_others(built):
    one, two, three = built("one"), built("two"), built("three")
    settle(one, "digest", KEY, {})
    settle(two, "another", KEY, {})
    settle(three, "digest", b"x" * 32, {})
    assert (one / "BUILD_ID").read_text() != (two / "BUILD_ID").read_text()
    assert (one / "BUILD_ID").read_text() == (three / "BUILD_ID").read_text()
    manifest = "prerender-manifest.json"
    assert (one / manifest).read_text() != (three / manifest).read_text()


def test_what_the_user_chose_stays(built):
    output = built("one")
    (output / "BUILD_ID").write_text("v1.2.3")
    manifest = output / "server/server-reference-manifest.json"
    before = manifest.read_text()
    settle(output, "digest", KEY, {"NEXT_SERVER_ACTIONS_ENCRYPTION_KEY": "x"})
    assert (output / "BUILD_ID").read_text() == "v1.2.3"
    assert manifest.read_text() == before


def test_links_are_not_followed(built, tmp_path):
    output, outside = built("one"), tmp_path / "outside"
    outside.write_text((output / "BUILD_ID").read_text())
    before = outside.read_text()
    (output / "link").symlink_to(outside)
    settle(output, "digest", KEY, {})
    assert outside.read_text() == before


def test_the_machines_secret_is_made_once_and_private(tmp_path):
    assert machine_key(tmp_path) == machine_key(tmp_path)
    assert (tmp_path / "next.key").stat().st_mode & 0o077 == 0
