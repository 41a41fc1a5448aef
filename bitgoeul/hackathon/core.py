"""What the hackathons of one academy consist of, wired together: participants' side, organisers' side, workers."""

from __future__ import annotations

import os

from fastapi import FastAPI

from bitgoeul.blobs import BlobStore
from bitgoeul.database import Database
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon import routes
from bitgoeul.hackathon.organising import Organising
from bitgoeul.hackathon.reading import BoardReads
from bitgoeul.hackathon.service import Hackathon
from bitgoeul.hackathon.watching import Watching
from bitgoeul.hackathon.work import Scoring
from bitgoeul.settings import Settings


class Core:
    """The parts. `start` begins scoring; without it, submissions are taken in and wait."""

    def __init__(self, settings: Settings, database: Database, blobs: BlobStore, engine: Engine) -> None:
        self.hackathon = Hackathon(database, blobs)
        self.organising = Organising(settings, self.hackathon, engine)
        workers = settings.grading.workers or os.cpu_count() or 1
        self.scoring = Scoring(database, self.organising.score, workers=workers)
        self.hackathon.ring = self.scoring.ring

    def start(self) -> None:
        """Start the workers."""
        self.scoring.start()

    def close(self) -> None:
        """Stop them."""
        self.scoring.stop()

    def install(self, app: FastAPI, prefix: str) -> None:
        """Put the routes on the app."""
        app.state.hackathon, app.state.organising = self.hackathon, self.organising
        app.state.watching = Watching(self.hackathon.boards)
        app.router.routes.append(BoardReads(self.hackathon.boards).route(prefix))
        app.include_router(routes.router, prefix=prefix)
