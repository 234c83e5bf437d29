"""What is foreseen of a time lies within the times that were, whatever their order."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.conductor.forecast.durations import NEWEST, History, quantiles, timeline
from forecastkit import run

pytestmark = pytest.mark.property
times = st.lists(st.floats(0, 1e6), min_size=1, max_size=30)


@given(times, st.randoms())
def test_within_what_was_and_half_before_most(seconds, random):
    p50, p95 = quantiles(seconds)
    assert min(seconds) <= p50 <= p95 <= max(seconds)
    assert p50 == statistics.median(seconds)
    shuffled = random.sample(seconds, len(seconds))
    assert quantiles(shuffled) == (p50, p95)
    # No more than one of twenty took longer.
    assert sum(one > p95 for one in seconds) <= len(seconds) / 20 + 1


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=2 * NEWEST))
def test_a_timeline_is_of_the_newest_runs(seconds):
    runs = [run(number, seconds=one) for number, one in enumerate(seconds)]
    line = timeline("release", "lab", History(application=runs))
    newest = seconds[-NEWEST:]
    assert min(newest) <= line.p50 <= line.p95 <= max(newest)
    assert line.p50 == statistics.median(newest)
