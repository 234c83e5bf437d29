"""What hosts are prepared, released to and secured with, said by SHA-256."""

from __future__ import annotations

import hashlib
from functools import cache

from autodeploy import paths


@cache
def roles_digest(*names: str) -> str:
    """SHA-256 over the roles of these names, or over all and the playbooks; tests left out."""
    content = paths.ansible_content()
    folders = [f"roles/{name}" for name in names] or ["roles", "playbooks"]
    files = sorted(
        path
        for folder in folders
        for path in (content / folder).rglob("*")
        if path.is_file() and not {"molecule", "__pycache__"} & set(path.parts)
    )
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(content)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
