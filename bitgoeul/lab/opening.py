"""One click from the portal into the notebook: `GET bitgoeul/open?course=C&assignment=A&language=ko` in one's own lab,
or `?challenge=S&language=ko` for a hackathon's files and its starter notebook.

Fetches the assignment in that language when the lab has no copy yet (a fetch never overwrites anything), then
goes to its first notebook in JupyterLab. A failure is one sentence on a page, not a lab without the file.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.utils import url_path_join
from tornado import web

from bitgoeul.errors import BitgoeulError, Text
from bitgoeul.lab import challenges
from bitgoeul.lab.client import shared
from bitgoeul.lab.handing_in import SubmitHandler
from bitgoeul.lab.pages import PortalHandler
from bitgoeul.lab.panel import TellingAssignmentList
from bitgoeul.names import AssignmentName, CourseName


class OpenHandler(PortalHandler):
    """Fetch if missing, then go to the notebook."""

    @web.authenticated
    async def get(self) -> None:
        """Answer with a redirect into JupyterLab, or with the reason why not."""
        if self.get_query_argument("challenge", ""):
            await self.open_challenge()
            return
        try:
            course = CourseName(self.get_query_argument("course"))
            assignment = AssignmentName(self.get_query_argument("assignment"))
        except BitgoeulError as error:
            self.refuse(422, error.text)
            return
        root = self.root
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

    async def open_challenge(self) -> None:
        """Bring a challenge's files, then go to its starter notebook."""
        try:
            slug = challenges.ChallengeName(self.get_query_argument("challenge"))
            client = shared(os.environ["BITGOEUL_SERVICE_URL"], os.environ["JUPYTERHUB_API_TOKEN"], 5.0)
            await asyncio.to_thread(challenges.fetch, client, self.root, slug)
        except BitgoeulError as error:
            self.refuse(502, error.text)
            return
        folder = challenges.folder_of(self.root, slug)
        wanted = folder / f"starter.{self.language}.ipynb"
        found = wanted if wanted.is_file() else await asyncio.to_thread(first_notebook, folder)
        place = (found or folder).relative_to(self.root)
        self.redirect(url_path_join(self.base_url, "lab/tree", quote(place.as_posix())))


def first_notebook(folder: Path) -> Path | None:
    """The notebook to open: the first by name that is not hidden."""
    found = sorted(path for path in folder.rglob("*.ipynb") if not path.name.startswith("."))
    return next((path for path in found if ".ipynb_checkpoints" not in path.parts), None)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bitgoeul.lab.opening"}]


def _load_jupyter_server_extension(app: Any) -> None:
    at = url_path_join(app.web_app.settings["base_url"], "bitgoeul")
    app.web_app.add_handlers(".*$", [(f"{at}/open", OpenHandler), (f"{at}/submit", SubmitHandler)])
