from app import app


def test_what_is_no_entry_is_refused():
    answer = app.test_client().post("/api/entries", json={"name": "", "said": "x"})
    assert answer.status_code == 400
