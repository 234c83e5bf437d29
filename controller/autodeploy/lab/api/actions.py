"""The name of a call, as IAM writes it: `ec2:RunInstances`."""

from __future__ import annotations

import functools
import re
from urllib.parse import parse_qs

import botocore.exceptions
import botocore.loaders
from werkzeug import Request

# Where the signing name is not IAM's.
ALIASES = {"monitoring": "cloudwatch", "email": "ses"}
SCOPE = re.compile(r"Credential=[^/]*/\d{8}/[^/]*/(?P<service>[\w.-]+)/aws4_request")
PLACEHOLDER = re.compile(r"\{([^}+]+)(\+?)\}")
ERROR_CODE = re.compile(rb"<Code>([^<]{1,128})</Code>")
ERROR_TYPE = re.compile(rb'"__type"\s*:\s*"(?:[^"#]*#)?([^"#]{1,128})"')


def name(request: Request, form: str) -> str:
    """The action that a request asks for.

    Args:
        request: The request; its body is not touched.
        form: The body where it is a form, else nothing.
    """
    service = _service(request)
    return f"{ALIASES.get(service, service)}:{_operation(request, service, form)}"


def error_code(status: int, body: bytes) -> str | None:
    """AWS's error code in an answer; None where the answer is no error."""
    if status < 400:
        return None
    found = ERROR_CODE.search(body) or ERROR_TYPE.search(body)
    return found[1].decode(errors="replace") if found else f"HTTP{status}"


def _service(request: Request) -> str:
    signed = (
        request.headers.get("Authorization")
        or f"Credential={request.args.get('X-Amz-Credential', '')}"
    )
    found = SCOPE.search(signed)
    return found["service"].lower() if found else "unknown"


def _operation(request: Request, service: str, form: str) -> str:
    target = request.headers.get("X-Amz-Target", "")
    if target:
        return target.rpartition(".")[2]
    asked = parse_qs(form).get("Action") or request.args.getlist("Action")
    if asked:
        return asked[0]
    return _rest_operation(request, service) or request.method.capitalize()


def _rest_operation(request: Request, service: str) -> str | None:
    """The operation whose method, path and query fit best."""
    keys = set(request.args)
    fitting = [
        (len(query), len(path.pattern), operation)
        for operation, method, path, query in _rest_operations(service)
        if method == request.method and query <= keys and path.fullmatch(request.path)
    ]
    return max(fitting)[2] if fitting else None


@functools.cache
def _rest_operations(service: str) -> list[tuple[str, str, re.Pattern[str], frozenset[str]]]:
    """Every operation of a service that is told apart by its path."""
    try:
        model = botocore.loaders.Loader().load_service_model(service, "service-2")
    except botocore.exceptions.UnknownServiceError:
        return []
    found = []
    for operation, shape in model["operations"].items():
        path, _, query = shape["http"]["requestUri"].partition("?")
        keys = frozenset(pair.partition("=")[0] for pair in query.split("&") if pair)
        found.append((operation, shape["http"]["method"], _pattern(path), keys))
    return found


def _pattern(path: str) -> re.Pattern[str]:
    escaped, end = "", 0
    for found in PLACEHOLDER.finditer(path):
        escaped += re.escape(path[end : found.start()]) + (".+" if found[2] else "[^/]+")
        end = found.end()
    return re.compile(escaped + re.escape(path[end:]).rstrip("/") + "/?")
