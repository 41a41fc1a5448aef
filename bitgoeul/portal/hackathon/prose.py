"""A challenge's text as HTML: Markdown, of which nothing that runs or loads is left."""

from __future__ import annotations

from functools import lru_cache

import mistune
import nh3
from markupsafe import Markup

_TAGS = {"p", "ul", "ol", "li", "code", "pre", "strong", "em", "a", "blockquote", "br", "h3", "h4"}
_TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "hr", "del"}
_markdown = mistune.create_markdown(plugins=["table", "strikethrough"])


@lru_cache(maxsize=256)
def html(text: str) -> Markup:
    """The text for a page; headings that would stand above ours become plain text."""
    return Markup(nh3.clean(str(_markdown(text)), tags=_TAGS, attributes={"a": {"href"}}))  # noqa: S704  # nh3 cleaned it
