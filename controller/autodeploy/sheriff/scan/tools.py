"""Programs of others that scan from here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autodeploy.origin import extra

SECONDS = 120
EXTRA = f"it comes by {extra('audit')}"
HANDED_ON = ("HOME", "PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class NotScanned(Exception):
    """A look could not be taken; its text says why."""


def program(name: str) -> str:
    """The path of a program: the one that is installed beside us, or the user's.

    Raises:
        NotScanned: There is none.
    """
    beside = str(Path(sys.executable).parent)
    search = os.pathsep.join([beside, os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=search)
    if found is None:
        raise NotScanned(f"{name} is not installed here")
    return found


def told(command: Sequence[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What a program says; it is told nothing of ours but where it finds the world.

    Args:
        command: The program and its arguments.
        folder: Where it runs.

    Raises:
        NotScanned: It did not start, or did not end in time.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in (*HANDED_ON, *PROXIES) or name.startswith(PREFIXES)
    }
    name = Path(command[0]).name
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
        )
    except OSError as error:
        raise NotScanned(f"{name} does not start: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise NotScanned(f"{name} did not end within {SECONDS} s") from None
