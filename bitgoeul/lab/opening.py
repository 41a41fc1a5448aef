"""One click from the portal into the notebook: `GET bitgoeul/open?course=C&assignment=A&language=ko` in one's own lab.

Fetches the assignment in that language when the lab has no copy yet (a fetch never overwrites anything), then
goes to its first notebook in JupyterLab. A failure is one sentence on a page, not a lab without the file.
"""

from __future__ import annotations

import asyncio
import os
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from bitgoeul.errors import BitgoeulError, Text
from bitgoeul.lab.panel import TellingAssignmentList
from bitgoeul.names import AssignmentName, CourseName

PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.2rem">
<h1 style="font-size: 1.5rem">{title}</h1><p>{reason}</p><p><a href="{again}">{retry}</a></p></body></html>"""


class OpenHandler(JupyterHandler):
    """Fetch if missing, then go to the notebook."""

    @web.authenticated
    async def get(self) -> None:
        """Answer with a redirect into JupyterLab, or with the reason why not."""
        try:
            course = CourseName(self.get_query_argument("course"))
            assignment = AssignmentName(self.get_query_argument("assignment"))
        except BitgoeulError as error:
            self.refuse(422, error.text)
            return
        root = Path(self.settings["assignment_list_manager"].root_dir)
        folder = root / course / assignment
        if not folder.is_dir():
            manager: TellingAssignmentList = self.settings["assignment_list_manager"]
            # nbgrader changes the process's folder while it fetches: on the loop nothing else runs meanwhile.
            answer = manager.fetch_at_once(course, assignment, language=self.asked_language)
            if not answer["success"]:
                self.refuse(502, Text(str(answer["value"]), str(answer["value"])))
                return
        found = await asyncio.to_thread(first_notebook, folder)
        place = (found or folder).relative_to(root)
        self.redirect(url_path_join(self.base_url, "lab/tree", quote(place.as_posix())))

    @property
    def asked_language(self) -> str:
        """The language of the page with the button; empty when it does not say."""
        asked: str = self.get_query_argument("language", "")
        return asked if asked in ("ko", "en") else ""

    def refuse(self, status: int, reason: Text) -> None:
        """Tell the reason on a small page of its own."""
        known = (self.asked_language, self.get_cookie("bitgoeul-language"), os.environ.get("BITGOEUL_LANGUAGE"))
        language = next((one for one in known if one in ("ko", "en")), "ko")
        self.set_status(status)
        self.finish(
            PAGE.format(
                language=language,
                title=Text("노트북을 열지 못했습니다", "The notebook could not be opened").pick(language),
                reason=escape(reason.pick(language)),
                again=escape(self.request.uri or ""),
                retry=Text("다시 시도", "Try again").pick(language),
            )
        )


def first_notebook(folder: Path) -> Path | None:
    """The notebook to open: the first by name that is not hidden."""
    found = sorted(path for path in folder.rglob("*.ipynb") if not path.name.startswith("."))
    return next((path for path in found if ".ipynb_checkpoints" not in path.parts), None)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bitgoeul.lab.opening"}]


def _load_jupyter_server_extension(app: Any) -> None:
    route = url_path_join(app.web_app.settings["base_url"], "bitgoeul", "open")
    app.web_app.add_handlers(".*$", [(route, OpenHandler)])
