"""Notes in Markdown: a page, a JSON API, SQLite."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import markdown
import nh3
from flask import Flask, abort, jsonify, redirect, render_template, request, url_for

DEFAULT_DATABASE = Path(tempfile.gettempdir()) / "flask-notes.sqlite3"
MESSAGE = "Write something down."

app = Flask(__name__)
app.config["DATABASE"] = os.environ.get("NOTES_DATABASE", str(DEFAULT_DATABASE))


def connect():
    """A connection to the notes, whose table is made on first use."""
    connection = sqlite3.connect(app.config["DATABASE"])
    connection.row_factory = sqlite3.Row
    connection.execute(
        "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"
    )
    return connection


def notes():
    with closing(connect()) as connection:
        rows = connection.execute("SELECT id, text FROM notes ORDER BY id DESC LIMIT 50")
        return [dict(row) for row in rows]


def add(text):
    with closing(connect()) as connection, connection:
        cursor = connection.execute("INSERT INTO notes (text) VALUES (?)", (text,))
        return {"id": cursor.lastrowid, "text": text}


def text_of(value):
    """A note's text, or the end of the request with status 400."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > 2000:
        abort(400, "a note has 1 to 2000 characters")
    return text


@app.template_filter("markdown")
def as_html(text):
    return nh3.clean(markdown.markdown(text))


@app.get("/")
def index():
    message = os.environ.get("MESSAGE", MESSAGE)
    return render_template("index.html", notes=notes(), message=message)


@app.post("/")
def write():
    add(text_of(request.form.get("text")))
    return redirect(url_for("index"))


@app.get("/api/notes")
def list_notes():
    return jsonify(notes())


@app.post("/api/notes")
def create_note():
    body = request.get_json()
    return jsonify(add(text_of(body.get("text") if isinstance(body, dict) else None))), 201


@app.get("/healthz")
def health():
    notes()
    return jsonify(status="ok")


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
