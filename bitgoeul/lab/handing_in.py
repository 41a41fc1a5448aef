"""A file of the lab goes to a challenge: `GET bitgoeul/submit?challenge=S&language=ko` lists what may be predictions, and
one button announces and sends it. What becomes of it shows on the challenge's page.
"""

from __future__ import annotations

import asyncio
import os
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tornado import web

from bitgoeul.errors import BitgoeulError, NotFound, Text
from bitgoeul.lab import challenges
from bitgoeul.lab.client import Client, shared
from bitgoeul.lab.pages import PortalHandler


class SubmitHandler(PortalHandler):
    """Choose a file, send it."""

    @web.authenticated
    async def get(self) -> None:
        """The files that may be sent, newest first."""
        try:
            slug = challenges.ChallengeName(self.get_query_argument("challenge"))
        except BitgoeulError as error:
            self.refuse(422, error.text)
            return
        found = await asyncio.to_thread(challenges.candidates, self.root, slug)
        folder = challenges.folder_of(self.root, slug)
        say = self._say
        title = say("실습실의 파일로 내기", "Submit a file of the lab")
        if not found:
            none = say(
                f"challenges/{slug} 폴더에 낼 CSV나 Parquet 파일이 없습니다. 노트북에서 예측을 그 폴더에 저장한 뒤 다시 여세요.",
                f"There is no CSV or Parquet file of yours in challenges/{slug}. Save the predictions there from your notebook, then open this again.",
            )
            self.small_page(title, f"<p>{escape(none)}</p>{self._back(slug)}")
            return
        lines = [self._line(number, path.relative_to(folder)) for number, path in enumerate(found)]
        hidden = f'<input type="hidden" name="challenge" value="{slug}"><input type="hidden" name="language" value="{self.language}">'
        button = f'<button style="font: inherit; padding: .5rem 1.2rem">{escape(say("내기", "Submit"))}</button>'
        form = f'<form method="post">{self.xsrf_form_html()}{hidden}<fieldset><legend>{escape(say("파일", "File"))}</legend>{"".join(lines)}</fieldset><p>{button}</p></form>'
        self.small_page(title, form + self._back(slug))

    @web.authenticated
    async def post(self) -> None:
        """Announce and send the chosen one; the answer tells its state, not yet its score."""
        try:
            slug = challenges.ChallengeName(self.get_body_argument("challenge"))
            file = await asyncio.to_thread(self._chosen, slug, self.get_body_argument("file", ""))
            client = shared(os.environ["BITGOEUL_SERVICE_URL"], os.environ["JUPYTERHUB_API_TOKEN"], 20.0)
            sent = await asyncio.to_thread(_send, client, slug, file)
        except BitgoeulError as error:
            self.refuse(502, error.text)
            return
        told = challenges.STATES.get(sent["state"], Text(sent["state"], sent["state"])).pick(self.language)
        self.small_page(
            self._say("냈습니다", "Submitted"), f"<p>{escape(file.name)}: {escape(told)}</p>{self._back(slug)}"
        )

    def _say(self, ko: str, en: str) -> str:
        return Text(ko, en).pick(self.language)

    def _chosen(self, slug: challenges.ChallengeName, name: str) -> Path:
        """One of the listed files, by its name below the challenge's folder."""
        folder = challenges.folder_of(self.root, slug)
        for path in challenges.candidates(self.root, slug):
            if path.relative_to(folder).as_posix() == name:
                return path
        raise NotFound(
            ko="그 파일이 없습니다. 목록에서 다시 고르세요.", en="That file is gone. Choose one of the list."
        )

    @staticmethod
    def _line(number: int, name: Path) -> str:
        checked = " checked" if number == 0 else ""
        return (
            f'<p><label><input type="radio" name="file" value="{escape(name.as_posix())}"{checked}> '
            f"{escape(name.as_posix())}</label></p>"
        )

    def _back(self, slug: challenges.ChallengeName) -> str:
        """The challenge's page of the portal, on the Hub's own origin."""
        prefix = urlsplit(os.environ.get("BITGOEUL_SERVICE_URL", "")).path.rstrip("/")
        address = f"{os.environ.get('JUPYTERHUB_HOST', '')}{prefix}/hackathons/{slug}"
        return (
            f'<p><a href="{escape(address)}">{escape(self._say("챌린지로 돌아가기", "Back to the challenge"))}</a></p>'
        )


def _send(client: Client, slug: challenges.ChallengeName, file: Path) -> dict[str, Any]:
    return challenges.submit(client, Path.home() / ".bitgoeul", slug, file, tell=lambda _: None, wait=False)
