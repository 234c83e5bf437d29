"""Alarms, and who hears of them. Messages are as near to AWS's as is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import Parameters, Rule

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
PERCENTILE = re.compile(r"p(100|\d{1,2}(\.\d{1,10})?)")
EXTENDED = re.compile(rf"{PERCENTILE.pattern}|(tm|tc|ts|wm)\d{{1,2}}|IQM|(PR|TM|TC|TS|WM)\(.+\)")
COMPARISONS = (
    *("GreaterThanOrEqualToThreshold", "GreaterThanThreshold"),
    *("LessThanOrEqualToThreshold", "LessThanThreshold"),
)
MISSING = ("breaching", "notBreaching", "ignore", "missing")
MOST_DIMENSIONS, MOST_ACTIONS = 30, 5
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
MAIL = re.compile(r"[^@\s]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}")


def put_alarm(account: Account, asked: Parameters) -> Refusal | None:
    """One metric, one statistic, a whole number of periods, and topics of this region."""
    if asked.get("Metrics"):
        return None
    checks: tuple[Callable[[Parameters], str | None], ...] = (_metric, _statistic, _periods, _word)
    wrong = next(filter(None, (check(asked) for check in checks)), None)
    if wrong:
        return Refusal(code="ValidationError", message=wrong)
    return _actions(account, asked)


def _metric(asked: Parameters) -> str | None:
    for name in ("MetricName", "Namespace", "Threshold"):
        if asked.get(name) is None:
            return f"The parameter {name} is required"
    dimensions = asked.get("Dimensions", ())
    if len(dimensions) > MOST_DIMENSIONS:
        return f"The collection Dimensions must not have a size greater than {MOST_DIMENSIONS}."
    if len({one.get("Name") for one in dimensions}) < len(dimensions):
        return "A dimension can be given only once"
    if not all(one.get("Name") and one.get("Value") for one in dimensions):
        return "The parameter Dimensions.member.1.Value is required"
    return None


def _statistic(asked: Parameters) -> str | None:
    plain, extended = asked.get("Statistic"), asked.get("ExtendedStatistic")
    if bool(plain) == bool(extended):
        return "Exactly one of Statistic and ExtendedStatistic must be specified"
    if plain and plain not in STATISTICS:
        return _not_among("statistic", plain, STATISTICS)
    if extended and not EXTENDED.fullmatch(extended):
        return f"The value {extended} for parameter ExtendedStatistic is not supported."
    few = asked.get("EvaluateLowSampleCountPercentile")
    if few and not (extended and PERCENTILE.fullmatch(extended)):
        return "EvaluateLowSampleCountPercentile can only be set for alarms on percentiles"
    return None


def _periods(asked: Parameters) -> str | None:
    """AWS's own metrics are there each minute at most."""
    seconds, count = asked.get("Period") or 0, asked.get("EvaluationPeriods") or 0
    if seconds < MINUTE or seconds % MINUTE:
        return f"Period must be a multiple of {MINUTE}"
    if count < 1 or not 1 <= (asked.get("DatapointsToAlarm") or count) <= count:
        return "DatapointsToAlarm must be between 1 and EvaluationPeriods"
    longest = WEEK if seconds >= HOUR else DAY
    if seconds * count > longest:
        return f"Metrics cannot be checked across more than {longest} seconds"
    return None


def _word(asked: Parameters) -> str | None:
    comparison, missing = asked.get("ComparisonOperator"), asked.get("TreatMissingData")
    if comparison not in COMPARISONS:
        return _not_among("comparisonOperator", comparison, COMPARISONS)
    if missing is not None and missing not in MISSING:
        return (
            f"Option {missing} is not supported. Supported options for parameter TreatMissingData "
            f"are {', '.join(MISSING)}."
        )
    return None


def _not_among(name: str, value: object, known: Iterable[str]) -> str:
    return (
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(known)}]"
    )


def _actions(account: Account, asked: Parameters) -> Refusal | None:
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        actions = asked.get(name, ())
        if len(actions) > MOST_ACTIONS:
            return Refusal(code="ValidationError", message=f"{name} has more than {MOST_ACTIONS}")
        for arn in actions:
            parts = arn.split(":")
            if parts[0] != "arn" or len(parts) < 6:
                return Refusal(code="ValidationError", message=f"Invalid arn syntax: {arn}")
            if parts[2] == "sns" and parts[3] != account.region:
                return Refusal(
                    code="ValidationError",
                    message=f"Invalid region {parts[3]} specified. Only {account.region} is "
                    "supported.",
                )
    return None


def subscribe(account: Account, asked: Parameters) -> Refusal | None:
    """Mail goes to an address."""
    del account
    endpoint = str(asked.get("Endpoint", ""))
    if not str(asked.get("Protocol")).startswith("email") or MAIL.fullmatch(endpoint):
        return None
    return Refusal(code="InvalidParameter", message="Invalid parameter: Email address")


RULES: dict[str, Rule] = {
    "cloudwatch:PutMetricAlarm": put_alarm,
    "sns:Subscribe": subscribe,
}
