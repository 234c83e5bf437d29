"""Run with `python -m pytest` in the folder above."""

import pytest

from app import app


@pytest.fixture
def client(tmp_path):
    app.config["DATABASE"] = str(tmp_path / "notes.sqlite3")
    return app.test_client()


def test_the_page_says_who_it_is(client, monkeypatch):
    monkeypatch.setenv("MESSAGE", "hello <there>")
    page = client.get("/").text
    assert "<h1>flask-notes</h1>" in page
    assert "hello &lt;there&gt;" in page


def test_a_note_is_kept_and_shown_without_its_scripts(client):
    text = "*one* <script>alert(1)</script>"
    assert client.post("/api/notes", json={"text": text}).status_code == 201
    assert client.get("/api/notes").json == [{"id": 1, "text": text}]
    page = client.get("/").text
    assert "<em>one</em>" in page
    assert "<script>" not in page


@pytest.mark.parametrize("body", [{}, {"text": " "}, {"text": 1}, []])
def test_an_empty_note_is_refused(client, body):
    assert client.post("/api/notes", json=body).status_code == 400


def test_health(client):
    assert client.get("/healthz").json == {"status": "ok"}
