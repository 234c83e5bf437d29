"""Several places that say settings, laid over each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Keys = tuple[str, ...]
"""The way to a setting: its key below those that hold it."""


@dataclass(frozen=True)
class Layer:
    """One place that says settings.

    Attributes:
        values: What it says, by setting.
        where: Names the place of one of them, as people know it: `autodeploy.yml:12`, `--hosts`.
    """

    values: Mapping[str, Any]
    where: Callable[[Keys], str]


@dataclass(frozen=True)
class Merged:
    """What all of them say together.

    Attributes:
        values: Each setting as the uppermost layer says it; of a mapping, each of its keys.
        layers: Whose word it is, by the way to it.
    """

    values: Mapping[str, Any]
    layers: Mapping[Keys, Layer]

    def origin(self, keys: Keys) -> str | None:
        """Where a setting comes from; None where nobody says it.

        Args:
            keys: The way to it; of what lies deeper than layers are merged, its holder counts.
        """
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.layers:
                return self.layers[keys[:length]].where(keys)
        return None


def merge(layers: Iterable[Layer]) -> Merged:
    """Lay each over those before it: a mapping key by key, anything else whole.

    Args:
        layers: The weakest first.
    """
    values: dict[str, Any] = {}
    origins: dict[Keys, Layer] = {}
    for layer in layers:
        for key, value in layer.values.items():
            below = values.get(key)
            if not (isinstance(value, dict) and isinstance(below, dict)):
                origins = {keys: one for keys, one in origins.items() if keys[0] != key}
                below = {}
            origins[key,] = layer
            if isinstance(value, dict):
                origins.update({(key, str(one)): layer for one in value})
                value = {**below, **value}
            values[key] = value
    return Merged(values, origins)
