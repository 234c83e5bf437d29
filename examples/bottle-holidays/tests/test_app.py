import pytest
from bottle import HTTPError

import app


def test_new_year_is_a_holiday_in_italy():
    assert any(str(day).endswith("-01-01") for day, _name in app.days_of("IT"))
    assert app.calendar("IT").startswith(b"BEGIN:VCALENDAR")


def test_a_country_that_is_none():
    with pytest.raises(HTTPError):
        app.days_of("XX")
