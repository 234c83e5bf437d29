"""QR codes: a page with a form, and SVG for other pages to show."""

import io

import segno
from flask import Flask, Response, abort, render_template, request

LONGEST = 500

app = Flask(__name__)


def code_of(text):
    """A QR code, or the end of the request with status 400."""
    if not text or len(text) > LONGEST:
        abort(400, f"text has 1 to {LONGEST} characters")
    return segno.make(text, micro=False)


@app.get("/")
def index():
    text = request.args.get("text", "")
    code = code_of(text).svg_inline(scale=8) if text else ""
    return render_template("index.html", text=text, code=code, longest=LONGEST)


@app.get("/code.svg")
def svg():
    out = io.BytesIO()
    code_of(request.args.get("text", "")).save(out, kind="svg", scale=8)
    return Response(out.getvalue(), mimetype="image/svg+xml")


@app.get("/healthz")
def health():
    return {"status": "ok"}
