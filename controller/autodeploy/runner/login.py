"""Which key opens an application's hosts."""

from __future__ import annotations

from pathlib import Path

LOGIN_KEY = "id_ed25519"


def login_key(folder: Path) -> Path | None:
    """The key that opens the hosts of the application with this private folder.

    One that `keep_login_key` linked is given as the user's own file; None is OpenSSH's own choice.
    """
    key = folder / LOGIN_KEY
    if key.is_symlink():
        return key.readlink()
    return key if key.exists() else None


def keep_login_key(folder: Path, key: Path | None) -> None:
    """Let `login_key` give this key of the user's; it stays where it is."""
    link = folder / LOGIN_KEY
    link.unlink(missing_ok=True)
    if key:
        link.symlink_to(key)
