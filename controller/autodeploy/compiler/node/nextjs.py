"""Next.js draws a build id and keys by chance: the same source gets the same ones here.

The id is made of the source; the keys also of a secret of this machine, for who knows the source
must not know them. All have their length, so that what counts characters stays true.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autodeploy.flock import locked

DRAWN = re.compile(r"[\w-]{21}")
PREVIEW = ("previewModeId", "previewModeSigningKey", "previewModeEncryptionKey")
# Objects whose keys come in the order in which they were compiled.
UNORDERED = (
    "app-build-manifest.json",
    "app-path-routes-manifest.json",
    "app-paths-manifest.json",
    "pages-manifest.json",
)
LARGEST = 16 * 1024 * 1024


def settle(output: Path, digest: str, key: bytes, fixed: Mapping[str, str]) -> None:
    """Replace what chance made in a build's output.

    Args:
        output: Its `.next`.
        digest: Of the source.
        key: The machine's secret.
        fixed: Variables of the build: what the user chose by them stays.
    """
    if not (output / "BUILD_ID").is_file() or output.is_symlink():
        return
    changes = dict(_changes(output, digest, key, fixed))
    for path in list(_files(output)):
        content = path.read_bytes()
        settled = content
        for old, new in changes.items():
            settled = settled.replace(old.encode(), new.encode())
        if path.name in UNORDERED:
            settled = json.dumps(_object(path), sort_keys=True).encode()
        if settled != content:
            path.write_bytes(settled)
    for old, new in changes.items():
        static = output / "static"
        if not static.is_symlink() and (static / old).is_dir():
            (static / old).rename(static / new)


def machine_key(cache: Path) -> bytes:
    """The secret of this machine, made at the first use."""
    file = cache / "next.key"
    with locked(cache / ".next.key.lock"):
        if not file.exists():
            new = file.with_suffix(".new")
            new.touch(0o600)
            new.write_bytes(secrets.token_bytes(32))
            new.replace(file)
        return file.read_bytes()


def _changes(
    output: Path, digest: str, key: bytes, fixed: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    build_id = (output / "BUILD_ID").read_text()
    if DRAWN.fullmatch(build_id):
        made = hashlib.sha256(f"next {digest}".encode()).hexdigest()[:21]
        made = made.replace("a", "g")  # Blockers of advertisements look for "ad".
        yield build_id, made
        yield build_id.replace("-", "_"), made  # So it stands in a page's first comment.
    preview = _object(output / "prerender-manifest.json").get("preview")
    drawn: dict[str, Any] = preview if isinstance(preview, dict) else {}
    for name in PREVIEW:
        old = str(drawn.get(name) or "")
        if re.fullmatch(r"[0-9a-f]{32,64}", old):
            yield old, _derived(key, name, digest).hex()[: len(old)]
    old = str(_object(output / "server/server-reference-manifest.json").get("encryptionKey") or "")
    if len(old) == 44 and "NEXT_SERVER_ACTIONS_ENCRYPTION_KEY" not in fixed:
        yield old, base64.b64encode(_derived(key, "encryptionKey", digest)).decode()


def _derived(key: bytes, name: str, digest: str) -> bytes:
    return hmac.digest(key, f"{name} {digest}".encode(), "sha256")


def _object(path: Path) -> dict[str, Any]:
    if path.is_symlink() or not path.is_file():
        return {}
    try:
        value = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _files(output: Path) -> Iterator[Path]:
    """Regular files of a build, the modules and the cache apart."""
    for folder, folders, names in os.walk(output):
        folders[:] = [name for name in folders if name not in {"node_modules", "cache"}]
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink() and path.is_file() and path.stat().st_size <= LARGEST:
                yield path
