"""The hackathons of the academy whose state folder lies here, for its operator at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from bitgoeul.cli.academy import database_of
from bitgoeul.exchange.core import open_blobs
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.exporting import export
from bitgoeul.hackathon.organising import Organising
from bitgoeul.hackathon.rescoring import Rescoring
from bitgoeul.hackathon.service import Hackathon
from bitgoeul.names import CourseName, UserName
from bitgoeul.settings import load


class Local:
    """Does here what `challenge_running.Organiser` asks."""

    def __init__(self, organising: Organising, slug: CourseName, user: UserName) -> None:
        self._organising, self._slug, self._user = organising, str(slug), user

    def rescore(self, method: str) -> dict[str, Any]:
        """Score anew, apply or drop."""
        rescoring = Rescoring(self._organising)
        if method == "DELETE":
            rescoring.drop(self._user, self._slug)
            return {}
        return (rescoring.apply if method == "PUT" else rescoring.begin)(self._user, self._slug)

    def export(self, kind: str, to: BinaryIO) -> None:
        """Write the published snapshot."""
        to.write(export(self._organising.database, self._slug, kind))


@contextmanager
def local(slug: CourseName, user: UserName) -> Iterator[Local]:
    """Open the academy of this folder; raise `InputError` where there is none."""
    settings = load()
    database = database_of(settings)
    try:
        hackathon = Hackathon(database, open_blobs(settings))
        yield Local(Organising(settings, hackathon, Engine(settings.grading)), slug, user)
    finally:
        database.close()
