"""What moto works out anew at each call, kept: half of a call's time, and all of its growth."""

from __future__ import annotations

import functools
from typing import Any

from moto import backends
from moto.core import responses
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import method_names_from_class
from moto.ec2.models.tags import TagBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

WILD = ("*", "?", "[")
_listed_modules = backends.list_of_moto_modules
_all_tags = TagBackend.describe_tags
_possible_keys = XFormedAttributePicker.get_possible_keys
_keys: dict[tuple[type, str, Any], tuple[str, ...]] = {}


def install() -> None:
    """Make moto quicker; its answers stay what they are."""
    for owner, name, quicker in (
        (backends, "list_of_moto_modules", _modules),
        (responses, "method_names_from_class", functools.cache(method_names_from_class)),
        (TagBackend, "describe_tags", _tags),
        (XFormedAttributePicker, "get_possible_keys", _kept_keys),
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
