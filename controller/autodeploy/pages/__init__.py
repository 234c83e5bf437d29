"""A deployment as a page: pure functions from its state and events to one HTML file.

And the pages of `autodeploy ui`, which look alike.
"""

from autodeploy.pages.live import Live, live
from autodeploy.pages.render import html
from autodeploy.pages.view import view

__all__ = ["Live", "html", "live", "view"]
