"""Small pages of a lab, to which the portal leads: one sentence or one form, without JupyterLab."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler

from bitgoeul.errors import Text

PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.2rem">
<h1 style="font-size: 1.5rem">{title}</h1>{body}</body></html>"""


class PortalHandler(JupyterHandler):
    """A page that the portal leads to."""

    @property
    def asked_language(self) -> str:
        """The language of the page with the button; empty when it does not say."""
        asked: str = self.get_argument("language", "")
        return asked if asked in ("ko", "en") else ""

    @property
    def language(self) -> str:
        """The language to speak."""
        known = (self.asked_language, self.get_cookie("bitgoeul-language"), os.environ.get("BITGOEUL_LANGUAGE"))
        return next((one for one in known if one in ("ko", "en")), "ko")

    @property
    def root(self) -> Path:
        """The folder that JupyterLab shows."""
        return Path(self.settings["assignment_list_manager"].root_dir)

    def refuse(self, status: int, reason: Text) -> None:
        """Tell the reason on a small page of its own."""
        self.set_status(status)
        again = f'<a href="{escape(self.request.uri or "")}">{Text("다시 시도", "Try again").pick(self.language)}</a>'
        title = Text("하지 못했습니다", "This could not be done").pick(self.language)
        self.small_page(title, f"<p>{escape(reason.pick(self.language))}</p><p>{again}</p>")

    def small_page(self, title: str, body: str) -> None:
        """A page without JupyterLab; `body` is HTML."""
        self.finish(PAGE.format(language=self.language, title=escape(title), body=body))
