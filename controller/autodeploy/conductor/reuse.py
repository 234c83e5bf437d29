"""What a retry found and used, and what it made anew. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.contracts import DeploymentState


def reuse(before: DeploymentState, after: DeploymentState) -> Iterator[str]:
    """A line for each thing that a deployment needs, as far as the retry came.

    Args:
        before: The deployment as the retry found it.
        after: As it left it.
    """
    if after.commit:
        yield _told(f"commit {after.commit[:12]}", before.commit == after.commit)
    if after.artifact:
        yield _told(f"artifact {after.artifact[:12]}", before.artifact == after.artifact)
    there = {(one.key, one.id) for one in before.resources}
    for is_there in (True, False):
        keys = [one.key for one in after.resources if ((one.key, one.id) in there) is is_there]
        if keys:
            yield _told(", ".join(sorted(keys)), is_there)
    known = before.prepared.items()
    for name, fingerprint in sorted(after.prepared.items()):
        yield _told(f"what prepares {name}", (name, fingerprint) in known)


def _told(what: str, is_reused: bool) -> str:
    return f"{'reused' if is_reused else 'made anew'}: {what}"
