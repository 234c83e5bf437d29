"""What a retry found and used, what it made, and what it made anew. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from autodeploy.contracts import ApplicationState, DeploymentState, Resource


def reuse(
    known: ApplicationState, before: DeploymentState, after: DeploymentState
) -> Iterator[str]:
    """A line for each thing that a deployment needs, as far as the retry came.

    Args:
        known: The application as the retry found it: what other runs have made is used too.
        before: The deployment as the retry found it.
        after: As it left it.
    """
    if before.commit and after.commit:
        yield f"{_fate(before.commit, after.commit)}: commit {after.commit[:12]}"
    if after.artifact:
        yield f"{_fate(before.artifact, after.artifact)}: artifact {after.artifact[:12]}"
    yield from _grouped(_ids(known.resources), _ids(after.resources))
    for name, fingerprint in sorted(after.prepared.items()):
        yield f"{_fate(known.prepared.get(name), fingerprint)}: what prepares {name}"


def _grouped(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    fates = {key: _fate(before.get(key), one) for key, one in after.items()}
    for fate in ("reused", "made anew", "made"):
        if keys := sorted(key for key, one in fates.items() if one == fate):
            yield f"{fate}: {', '.join(keys)}"


def _ids(resources: Iterable[Resource]) -> dict[str, str]:
    return {one.key: one.id for one in resources}


def _fate(before: str | None, after: str) -> str:
    if before is None:
        return "made"
    return "reused" if before == after else "made anew"
