"""A deployment as a page: pure functions from its state and events to one HTML file."""

from autodeploy.pages.render import html
from autodeploy.pages.view import view

__all__ = ["html", "view"]
