"""Where this autodeploy came from, and how what it lacks comes from there too.

By its name alone nobody should install it: on a public index the name is somebody else's.
"""

from __future__ import annotations

import json

NAME = "autodeploy"


def requirement() -> str | None:
    """What pip installs the same of, anywhere; None where it came from this machine or an index.

    By the record that installers leave: https://packaging.python.org/specifications/direct-url/
    """
    from importlib.metadata import PackageNotFoundError, distribution  # Few commands need it.

    try:
        told = distribution(NAME).read_text("direct_url.json")
        found = json.loads(told) if told else {}
    except (PackageNotFoundError, ValueError):
        return None
    url = str(found.get("url", ""))
    if not url.startswith("https://"):
        return None
    if version := found.get("vcs_info"):
        return f"{NAME} @ {version['vcs']}+{url}@{version['commit_id']}"
    hashes = found.get("archive_info", {}).get("hashes", {})
    return f"{NAME} @ {url}#sha256={hashes['sha256']}" if "sha256" in hashes else None


def extra(name: str) -> str:
    """How the packages of an extra come beside it."""
    return f"pip install 'WHEEL[{name}]', WHEEL being what autodeploy was installed from"
