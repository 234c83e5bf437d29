"""A counter of visits, and jobs that a worker does: Flask and Redis."""

import os

import redis
from flask import Flask, abort, jsonify, request

store = redis.Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), decode_responses=True
)
app = Flask(__name__)


@app.get("/")
def index():
    return f"You are visitor {store.incr('visits')}.\n"


@app.post("/jobs")
def order():
    text = request.get_data(as_text=True).strip()
    if not text or len(text) > 2000:
        abort(400, "a job has 1 to 2000 characters")
    return jsonify(waiting=store.rpush("jobs", text)), 202


@app.get("/done")
def done():
    return jsonify(store.lrange("done", 0, 49))


@app.get("/healthz")
def health():
    store.ping()
    return jsonify(status="ok")
