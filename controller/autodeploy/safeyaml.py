"""YAML that cannot grow: a document whose aliases or merges are too many is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

MAX_ALIASES = 500
MAX_MERGED = 5_000
KINDS = {"int": "whole number", "float": "number", "bool": "truth value", "timestamp": "date"}
"""What people call YAML's own kinds."""


class BoundedLoader(yaml.SafeLoader):
    """PyYAML's safe loader with bounds."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._aliases = 0

    @classmethod
    def load(cls, text: str, look: Callable[[yaml.Node], None] = lambda _node: None) -> Any:
        """The first document of the text.

        Args:
            text: YAML.
            look: Is shown the document's node, which knows its lines, before merge keys are gone.

        Raises:
            yaml.YAMLError: It is not YAML, or beyond the bounds.
        """
        loader = cls(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            look(node)
            return loader.construct_document(node)
        finally:
            loader.dispose()

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Count the aliases."""
        if self.check_event(yaml.AliasEvent):
            self._aliases += 1
            if self._aliases > MAX_ALIASES:
                raise yaml.YAMLError(f"more than {MAX_ALIASES} aliases")
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Have what PyYAML cannot make of a value be an error of the document's, with its line."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            kind = node.tag.rpartition(":")[2]
            raise yaml.constructor.ConstructorError(
                None, None, f"this is no {KINDS.get(kind, kind)}", node.start_mark
            ) from error

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Bound what merge keys make of a mapping: nested, they grow exponentially."""
        super().flatten_mapping(node)
        if len(node.value) > MAX_MERGED:
            raise yaml.YAMLError(f"a mapping of more than {MAX_MERGED} merged keys")
