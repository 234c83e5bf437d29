"""What moto works out anew at each call, kept: half of a call's time, and all of its growth."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xmltodict
from moto import backends
from moto.core import responses
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import method_names_from_class
from moto.ec2.models.tags import TagBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

WILD = ("*", "?", "[")
PROLOG = '<?xml version="1.0" encoding="utf-8"?>\n'
_listed_modules = backends.list_of_moto_modules
_all_tags = TagBackend.describe_tags
_possible_keys = XFormedAttributePicker.get_possible_keys
_unparse = xmltodict.unparse
_keys: dict[tuple[type, str, Any], tuple[str, ...]] = {}


def install() -> None:
    """Make moto quicker; its answers stay what they are."""
    for owner, name, quicker in (
        (backends, "list_of_moto_modules", _modules),
        (responses, "method_names_from_class", functools.cache(method_names_from_class)),
        (TagBackend, "describe_tags", _tags),
        (XFormedAttributePicker, "get_possible_keys", _kept_keys),
        (xmltodict, "unparse", _written),
    ):
        setattr(owner, name, quicker)


@functools.cache
def _modules() -> frozenset[str]:
    return frozenset(_listed_modules())


def _tags(backend: Any, filters: dict[str, list[str]] | None = None) -> list[dict[str, str]]:
    """As moto's; where all is asked of one resource, no other's tags are gone through."""
    ids = (filters or {}).get("resource-id", ())
    if len(filters or ()) != 1 or len(ids) != 1 or any(one in ids[0] for one in WILD):
        found: list[dict[str, str]] = _all_tags(backend, filters)
        return found
    (id_,) = ids
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(id_), "")
    return [
        {"resource_id": id_, "key": key, "value": value, "resource_type": kind}
        for key, value in backend.tags.get(id_, {}).items()
    ]


def _kept_keys(picker: Any, context: AttributePickerContext) -> tuple[str, ...]:
    """Under which names an attribute may be kept: its model and the object's class say that."""
    asked = (type(context.obj), context.key, context.shape)
    if asked not in _keys:
        _keys[asked] = tuple(dict.fromkeys(_possible_keys(picker, context)))
    return _keys[asked]


def _written(body: Mapping[str, Any], **how: Any) -> str:
    """As xmltodict writes what moto's answers are, in a third of its time."""
    full = how.pop("full_document", True)
    if how != {"short_empty_elements": True, "pretty": False}:
        return str(_unparse(body, full_document=full, **how))
    return (PROLOG if full else "") + "".join(_elements(body))


def _elements(members: Mapping[str, Any]) -> Iterator[str]:
    """What is written of members, attributes apart; names are the models' own, and so are safe."""
    for name, value in members.items():
        if not name.startswith("@"):
            for one in value if isinstance(value, list) else (value,):
                yield _element(name, one)


def _element(name: str, value: Any) -> str:
    attributes = ""
    if isinstance(value, Mapping):
        said = [(key[1:], one) for key, one in value.items() if key.startswith("@")]
        attributes = "".join(f" {key}={quoteattr(one)}" for key, one in said)
        inside = "".join(_elements(value))
    else:
        inside = "" if value is None else escape(_text(value))
    return f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes}/>"


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
