"""Run with `python -m pytest` in the folder above."""

from app import app
from worker import work


def test_what_is_no_job_is_refused():
    assert app.test_client().post("/jobs", data=" ").status_code == 400


def test_a_job_is_turned_round():
    assert work("abc") == "cba"
