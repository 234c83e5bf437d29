"""When a job runs: five fields of cron's, or systemd's own words, as systemd's OnCalendar. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

NICKNAMES = {
    **dict.fromkeys(("@yearly", "@annually"), "0 0 1 1 *"),
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    **dict.fromkeys(("@daily", "@midnight"), "0 0 * * *"),
    "@hourly": "0 * * * *",
}
WORDS = frozenset(
    "minutely hourly daily weekly monthly quarterly semiannually yearly annually".split()  # noqa: SIM905
)
WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
LONGEST = 200
FORM = "such as `30 3 * * *`, `@daily` or `Mon..Fri 03:30`"

DAY = "(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
PART = r"(?:\*|[0-9][0-9.,/]*)"
CALENDAR = re.compile(
    rf"(?:(?P<weekdays>{DAY}(?:(?:\.\.|,){DAY})*)(?:\s+|$))?"
    rf"(?:(?:(?P<year>{PART})-)?(?P<month>{PART})[-~](?P<day>{PART})(?:\s+|$))?"
    rf"(?:(?P<hour>{PART}):(?P<minute>{PART})(?::(?P<second>{PART}))?)?",
    re.I,
)
BOUNDS = {
    "year": (1970, 2199),
    "month": (1, 12),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}
RANGE = re.compile(r"(\d{1,4})(?:\.\.(\d{1,4}))?(?:/(\d{1,4}))?")


def calendar(schedule: str) -> tuple[str, ...]:
    """OnCalendar's values, in UTC; of several any is enough.

    Raises:
        ValueError: It is no schedule, for people.
    """
    said = " ".join(schedule.split())
    if len(said) > LONGEST:
        raise ValueError(f"is no schedule: longer than {LONGEST} characters")
    if said.lower() == "@reboot":
        raise ValueError("@reboot is no time: say what runs always as one of `processes`")
    if said.startswith("@") or len(said.split()) == 5:
        return _of_cron(NICKNAMES.get(said.lower(), said))
    plain = said.removesuffix(" UTC")
    if plain.lower() in WORDS or _is_calendar(plain):
        return (f"{plain} UTC",)
    raise ValueError(f"{said!r} is no schedule, {FORM}")


def _of_cron(said: str) -> tuple[str, ...]:
    try:
        cron = CronSim(said, datetime.now(UTC))
    except CronSimError as error:
        raise ValueError(f"{said!r} is no schedule, {FORM}: {str(error).lower()}") from None
    found = [value for value in (*cron.days, *cron.weekdays) if not _is_plain(value)]
    if found:
        raise ValueError(f"{said!r} is no schedule: L, W and # are not cron's own")
    weekdays = {value % 7 for value in cron.weekdays if isinstance(value, int)}
    days = ",".join(name for number, name in enumerate(WEEKDAYS) if number in weekdays)
    prefix = "" if len(weekdays) == len(WEEKDAYS) else f"{days} "
    months, dates = _values(cron.months, 1, 12), _values(cron.days, 1, 31)
    time = f"{_values(cron.hours, 0, 23)}:{_values(cron.minutes, 0, 59)}:00 UTC"
    if cron.day_and:
        return (f"{prefix}*-{months}-{dates} {time}",)
    # Where both are restricted, cron runs on days that are either.
    return f"*-{months}-{dates} {time}", f"{prefix}*-{months}-* {time}"


def _is_plain(value: object) -> bool:
    return isinstance(value, int) and value >= 0


def _values(values: Iterable[int], first: int, last: int) -> str:
    wanted = sorted(values)
    return "*" if wanted == [*range(first, last + 1)] else ",".join(f"{one:02}" for one in wanted)


def _is_calendar(said: str) -> bool:
    found = CALENDAR.fullmatch(said)
    if not found or not said:
        return False
    return _rise(found["weekdays"] or "") and all(
        _fits(found[name], *bounds) for name, bounds in BOUNDS.items() if found[name]
    )


def _rise(weekdays: str) -> bool:
    """Whether each range of days goes forward, from Monday on."""
    order = [*WEEKDAYS[1:], WEEKDAYS[0]]
    for one in filter(None, weekdays.split(",")):
        places = [order.index(day[:3].title()) for day in one.split("..")]
        if len(places) > 2 or places != sorted(places):
            return False
    return True


def _fits(part: str, least: int, most: int) -> bool:
    return part == "*" or all(_is_range(one, least, most) for one in part.split(","))


def _is_range(said: str, least: int, most: int) -> bool:
    found = RANGE.fullmatch(said)
    if not found:
        return False
    first, end, by = found.groups()
    start, step = int(first), int(by) if by else None
    last = int(end) if end else start
    if not least <= start <= last <= most:
        return False
    if step is None:
        return True
    # Where no end is said, systemd wants a second value to be there.
    return 0 < step <= most - (least if end else start)
