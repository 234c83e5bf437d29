"""Public holidays as a calendar that phones and mail programs subscribe to."""

from datetime import date, datetime, timedelta, timezone

import holidays
from bottle import Bottle, abort, response
from icalendar import Calendar, Event

YEARS = 2  # This year and the next.
STAMP = datetime(2000, 1, 1, tzinfo=timezone.utc)
COUNTRIES = holidays.list_supported_countries()

app = Bottle()


def days_of(country):
    """Name by day, sorted by day, or the end of the request with status 404."""
    if country not in COUNTRIES:
        abort(404, f"no country {country}")
    this_year = date.today().year
    return sorted(holidays.country_holidays(country, years=range(this_year, this_year + YEARS)).items())


@app.get("/")
def index():
    links = "".join(f'<li><a href="/{code}.ics">{code}</a> (<a href="/{code}">JSON</a>)' for code in COUNTRIES)
    return f"<!doctype html><title>Holidays</title><h1>Public holidays</h1><ul>{links}</ul>"


@app.get("/healthz")
def health():
    return {"status": "ok"}


@app.get("/<country:re:[A-Z]{2}>.ics")
def calendar(country):
    made = Calendar()
    made.add("prodid", "-//bottle-holidays//EN")
    made.add("version", "2.0")
    for day, name in days_of(country):
        event = Event()
        event.add("uid", f"{country}-{day}@bottle-holidays")
        event.add("dtstamp", STAMP)
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", name)
        made.add_component(event)
    response.content_type = "text/calendar; charset=utf-8"
    return made.to_ical()


@app.get("/<country:re:[A-Z]{2}>")
def listed(country):
    return {str(day): name for day, name in days_of(country)}
