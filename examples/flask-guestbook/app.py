"""A guestbook: a page, a JSON API, PostgreSQL."""

import os

import psycopg
from flask import Flask, abort, jsonify, redirect, render_template, request, url_for
from psycopg.rows import dict_row

app = Flask(__name__)


def connect():
    """A connection to the database that DATABASE_URL names."""
    return psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row, connect_timeout=5)


def entries():
    with connect() as connection:
        return connection.execute(
            "SELECT id, name, said FROM entries ORDER BY id DESC LIMIT 50"
        ).fetchall()


def sign(name, said):
    """Add an entry, or end the request with status 400."""
    if not all(isinstance(one, str) and 0 < len(one.strip()) <= 500 for one in (name, said)):
        abort(400, "a name and a word, each of 1 to 500 characters")
    with connect() as connection:
        return connection.execute(
            "INSERT INTO entries (name, said) VALUES (%s, %s) RETURNING id, name, said",
            (name.strip(), said.strip()),
        ).fetchone()


@app.get("/")
def index():
    return render_template("index.html", entries=entries())


@app.post("/")
def write():
    sign(request.form.get("name"), request.form.get("said"))
    return redirect(url_for("index"))


@app.get("/api/entries")
def list_entries():
    return jsonify(entries())


@app.post("/api/entries")
def create_entry():
    body = request.get_json()
    body = body if isinstance(body, dict) else {}
    return jsonify(sign(body.get("name"), body.get("said"))), 201


@app.get("/healthz")
def health():
    with connect() as connection:
        connection.execute("SELECT 1")
    return jsonify(status="ok")
