"""What git says when it fails, and which of our errors that is.

The first line that is found in git's standard error (LC_ALL=C) decides. ssh ends every failure with
the same "Could not read from remote repository", which therefore says nothing and is not here.
"""

from __future__ import annotations

import re

from autodeploy.errors import (
    EmptyRepository,
    NetworkUnreachable,
    NotARepository,
    PermissionRefused,
    ReconError,
    RefNotFound,
)

TABLE: tuple[tuple[str, type[ReconError]], ...] = (
    ("Host key verification failed", PermissionRefused),
    ("Permission denied", PermissionRefused),
    ("permission denied", PermissionRefused),
    ("dubious ownership", PermissionRefused),
    ("could not read Username", PermissionRefused),
    ("could not read Password", PermissionRefused),
    ("Authentication failed", PermissionRefused),
    ("Access denied", PermissionRefused),
    ("returned error: 401", PermissionRefused),
    ("returned error: 403", PermissionRefused),
    ("Could not resolve host", NetworkUnreachable),
    ("unable to look up", NetworkUnreachable),
    ("unable to connect to", NetworkUnreachable),
    ("Failed to connect", NetworkUnreachable),
    ("Couldn't connect", NetworkUnreachable),
    ("Connection refused", NetworkUnreachable),
    ("onnection timed out", NetworkUnreachable),
    ("Operation timed out", NetworkUnreachable),
    ("Operation too slow", NetworkUnreachable),
    ("No route to host", NetworkUnreachable),
    ("Network is unreachable", NetworkUnreachable),
    ("Connection reset", NetworkUnreachable),
    ("Connection closed by", NetworkUnreachable),
    ("SSL", NetworkUnreachable),
    ("certificate", NetworkUnreachable),
    ("returned error: 5", NetworkUnreachable),
    ("couldn't find remote ref", RefNotFound),
    ("not our ref", RefNotFound),
    ("unadvertised object", RefNotFound),
    ("returned error: 404", NotARepository),
    ("repository not exported", NotARepository),
    ("no such repository", NotARepository),
    ("epository not found", NotARepository),
    ("not found", NotARepository),
    ("does not appear to be a git repository", NotARepository),
    ("not a git repository", NotARepository),
    ("does not exist", NotARepository),
    ("not valid: is this a git repository", NotARepository),
)
SUMMARY: dict[type[ReconError], str] = {
    PermissionRefused: "the repository may not be read",
    NetworkUnreachable: "the repository's host cannot be reached",
    RefNotFound: "there is no such branch, tag or commit",
    NotARepository: "there is no git repository",
    EmptyRepository: "the repository is empty",
}
BOILERPLATE = "fatal: Could not read from remote repository."
PROGRESS = re.compile(
    r"^(remote: )?(Enumerating|Counting|Compressing|Receiving|Resolving|Updating|Total) .*",
    re.MULTILINE,
)
CREDENTIALS = re.compile(r"://[^/@\s]+@")


def classify(stderr: str) -> type[ReconError]:
    """Our error for what git said; ReconError itself where it is none of the table."""
    found = (error for words, error in TABLE if words in stderr)
    return next(found, ReconError)


def explain(stderr: str, where: str, secrets: tuple[str, ...] = ()) -> ReconError:
    """Our error for what git said about `where`, without a secret in it."""
    kind = classify(stderr)
    summary = SUMMARY.get(kind, "git failed")
    return kind(f"{summary}: {where}", cause=scrubbed(stderr, secrets) or None, step="clone")


def scrubbed(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without secrets, what stands before an @ in an address, progress and advice."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    told = PROGRESS.sub("", text.replace("\r", "\n"))
    plain = CREDENTIALS.sub("://", told).partition(BOILERPLATE)[0]
    return "\n".join(line for line in plain.splitlines() if line.strip())
