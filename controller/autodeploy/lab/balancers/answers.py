"""What the balancer answers itself, as AWS's do, in HAProxy's words."""

from __future__ import annotations

from http import HTTPStatus

SERVER = "awselb/2.0"
REASONS = {503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}
ERRORS = (400, 408, 500, 502, 503, 504)


def quoted(text: str) -> str:
    """A word of HAProxy's configuration that means this text, whatever is in it."""
    escaped = "".join("\\" + one if one in '\\"$' else one for one in text)
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t") + '"'


def literal(text: str) -> str:
    """A text for a place where HAProxy looks for samples: they begin with a percent sign."""
    return text.replace("%", "%%")


def page(status: int) -> str:
    """The page that AWS sends with a status."""
    title = f"{status} {REASONS.get(status) or HTTPStatus(status).phrase}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )


def error(status: int, shown: int | None = None) -> str:
    """The page for an error of HAProxy's own, which may be shown as another status."""
    body = quoted(page(shown or status))
    return f"http-error status {status} content-type text/html string {body} hdr server {SERVER}"


def answer(status: int, content_type: str, body: str, *more: str) -> str:
    """An answer to a request; `more` follows it, as `hdr NAME VALUE`."""
    said = f"http-request return status {status}"
    if body:
        said += f" content-type {quoted(content_type)} string {quoted(body)}"
    return " ".join([said, f"hdr server {SERVER}", *more])
