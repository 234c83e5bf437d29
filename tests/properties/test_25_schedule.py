"""Property 25, of jobs: one runs when its schedule says, to the minute, whoever reads the schedule.

The oracles are cronsim, which finds a cron expression's next moments by itself, and systemd, which
says when a calendar's are and what is none.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import example, given
from hypothesis import strategies as st

from autodeploy.contracts.schedule import calendar

pytestmark = [
    pytest.mark.property,
    pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze"),
]
NOW = datetime(2026, 11, 26, 17, 58, 30, tzinfo=UTC)
COUNT = 5
DAYS = ("SUN", "mon", "Tue", "WED", "thu", "fri", "SAT")
MONTHS = ("JAN", "feb", "MAR", "apr", "may", "Jun", "jul", "aug", "sep", "oct", "nov", "DEC")


def field(least, most, names=()):
    """A field of cron's: values, ranges, steps and lists of them."""
    value = st.integers(least, most).map(str)
    value = value | st.sampled_from(names) if names else value
    ranged = st.tuples(st.integers(least, most), st.integers(least, most)).map(
        lambda pair: f"{min(pair)}-{max(pair)}"
    )
    steps = st.integers(1, most)
    stepped = st.builds(lambda one, step: f"{one}/{step}", ranged | st.just("*") | value, steps)
    return st.just("*") | st.lists(value | ranged | stepped, min_size=1, max_size=3).map(",".join)


CRON = st.tuples(
    field(0, 59), field(0, 23), field(1, 31), field(1, 12, MONTHS), field(0, 7, DAYS)
).map(" ".join)


def analyze(calendars, count=COUNT):
    """When systemd runs what has these calendars; None where it does not take one."""
    options = [f"--iterations={count}", f"--base-time={NOW:%Y-%m-%d %H:%M:%S} UTC"]
    done = subprocess.run(
        ["systemd-analyze", "calendar", *options, *calendars],
        capture_output=True,
        text=True,
        check=False,
        env={"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    if done.returncode:
        return None
    named = ("Next elapse: ", "Iter. #", "Iteration #")
    lines = [line.strip() for line in done.stdout.splitlines()]
    found = [line.partition(": ")[2].split() for line in lines if line.startswith(named)]
    moments = {f"{one[1]} {one[2]}" for one in found if one != ["never"]}
    return [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in sorted(moments)][:count]


def expected(said):
    """cronsim's own next moments; None where it takes none of the kind."""
    try:
        moments = CronSim(said, NOW)
        return [next(moments) for _ in range(COUNT)]
    except CronSimError:
        return None
    except StopIteration:
        return "never"


@given(CRON)
@example("0 0 13 * FRI")
@example("0 0 */2 * MON")
@example("0 0 1-7 * */7")
@example("*/7 0-23/5 29 2 *")
@example("0 0 31 2 1")
@example("5 4 * * 7")
@example("5 4 * * 6-7")
def test_cron_means_the_same_to_systemd(said):
    meant = expected(said)
    if meant is None:
        with pytest.raises(ValueError, match="is no schedule"):
            calendar(said)
    elif meant != "never":
        assert analyze(calendar(said)) == meant


PART = st.text("0123456789*./,", min_size=1, max_size=6) | st.sampled_from(
    ["*", "00", "0/15", "1..5", "8..18/2", "0,30", "12", "59", "60", "31", "2027"]
)
WEEKDAYS = st.lists(st.sampled_from(["Mon", "tue", "Friday", "SUN", "Wednesday"]), min_size=1).map(
    lambda days: ",".join(days)
) | st.sampled_from(["Mon..Fri", "Fri..Mon", "Sat,Sun", "Mon..Wed..Fri", "Mo"])
DATE = st.lists(PART, min_size=1, max_size=3).map("-".join) | st.sampled_from(["*-*~1", "02-31"])
TIME = st.lists(PART, min_size=1, max_size=3).map(":".join)


@given(
    st.tuples(
        st.none() | WEEKDAYS, st.none() | DATE, st.none() | TIME, st.none() | st.just("UTC")
    ).map(lambda parts: " ".join(filter(None, parts)))
)
@example("weekly")
@example("hourly")
@example("Mon..Fri 03:30 UTC")
@example("*:0/15")
@example("*:0/0")
@example("*:0/60")
@example("0/24:00")
@example("*-*-1..32")
@example("4/9-1")
@example("*:30/30")
@example("*:5..4")
def test_what_is_taken_for_a_calendar_is_one(said):
    try:
        made = calendar(said)
    except ValueError:
        return
    assert analyze(made) is not None


@pytest.mark.parametrize(
    "said",
    [
        "Mon..Fri 03:30",
        "*:0/15",
        "*-*-01 04:00",
        "Sun 2:00",
        "*-*~1",
        "12-24",
        "hourly",
        "4/8-1",
        "*:5..6/59",
    ],
)
def test_common_calendars_are_taken(said):
    assert calendar(said) == (f"{said} UTC",)


@given(st.text(max_size=30) | st.text("0123456789*/-,LW#@ ", max_size=30))
def test_any_text_is_refused_or_one_that_systemd_takes(said):
    try:
        made = calendar(said)
    except ValueError:
        return
    assert analyze(made) is not None
