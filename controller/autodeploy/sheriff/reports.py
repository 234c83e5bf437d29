"""What roles have told of hosts → reports. Pure.

A role that secures or audits gives one fact, `ROLE_report`. Hosts are not trusted: what is no
report is told as such, and never as verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from autodeploy.contracts import TopicReport

SUFFIX = "_report"
TOLD = frozenset(TopicReport.model_fields) - {"host", "topic", "details"}


def reports_of(host: str, facts: Mapping[str, Any]) -> tuple[TopicReport, ...]:
    """The reports among a host's facts, by topic.

    Args:
        host: The host's logical name.
        facts: All that our modules have told there.
    """
    return tuple(
        _report(host, name.removesuffix(SUFFIX), said)
        for name, said in sorted(facts.items())
        if name.endswith(SUFFIX)
    )


def merged(reports: Iterable[TopicReport]) -> tuple[TopicReport, ...]:
    """One report a host and topic: of several the last, in the order of their first."""
    newest: dict[tuple[str | None, str], TopicReport] = {}
    for one in reports:
        newest[one.host, one.topic] = one
    return tuple(newest.values())


def wanting(
    host: str, topics: Iterable[str], reports: Iterable[TopicReport]
) -> Iterator[TopicReport]:
    """A report that says so, for each topic of which the host told nothing."""
    told = {one.topic for one in reports if one.host == host}
    for topic in topics:
        if topic not in told:
            yield TopicReport(
                host=host, topic=topic, not_verified=("everything: the role told nothing",)
            )


def _report(host: str, topic: str, said: Any) -> TopicReport:
    try:
        known = {name: said[name] for name in TOLD & said.keys()}
        details = {name: one for name, one in said.items() if name not in TOLD}
        return TopicReport.model_validate(
            {"host": host, "topic": topic, "details": details, **known}
        )
    except (ValidationError, AttributeError, TypeError):
        unread = ("everything: what the role told is no report",)
        return TopicReport(host=host, topic=topic, not_verified=unread)
