"""What an exchange consists of, wired together: the parts, their threads, and what operators ask."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

from bitgoeul.blobs import BlobStore
from bitgoeul.database import Database
from bitgoeul.exchange import intake, releases
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.clock import SteadyClock, steady_seconds
from bitgoeul.exchange.contents import Contents
from bitgoeul.exchange.marking import Judges, Marking
from bitgoeul.exchange.receipts import Signer
from bitgoeul.exchange.verify import Verification, verify
from bitgoeul.exchange.writer import Writer
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.settings import MEGABYTE, Grading, Settings
from bitgoeul.wire import Compute

Build = Callable[[CourseName, AssignmentName], tuple[releases.Described, releases.BuiltFiles]]


class Core:
    """The parts of one academy's exchange. `start` begins grading; without it, work is taken in and waits.

    `build` makes an assignment from the curriculum; `judges` judge. `wall` and `steady` are the clocks.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        blobs: BlobStore,
        *,
        judges: Judges,
        build: Build,
        wall: Callable[[], datetime] | None = None,
        steady: Callable[[], float] = steady_seconds,
        people: Callable[[], Settings] | None = None,
    ) -> None:
        self.settings = settings
        self.people = people or (lambda: settings)
        self.database = database
        self.blobs = blobs
        self.judges = judges
        self.build = build
        self.writer = Writer(database)
        self.signer = Signer(settings.state / "keys")
        self.writer.run(intake.ensure_genesis)
        with database.reading() as connection:
            floor = connection.execute(t.chain_head.select()).one().stored_at
        self.clock = SteadyClock(wall or database.now, floor=floor, steady=steady)
        self.writer.run(lambda connection: intake.forget_old_intents(connection, self.clock.now()))
        self.intake = intake.Intake(
            limits=settings.exchange, blobs=blobs, writer=self.writer, signer=self.signer, clock=self.clock
        )
        self.contents = Contents(database, blobs, self.intake.bundle_limits)
        self.marking = Marking(
            database=database,
            blobs=blobs,
            writer=self.writer,
            clock=self.clock,
            contents=self.contents,
            judges=judges,
            workers=workers(settings.grading),
        )

    def start(self) -> None:
        """Start the graders."""
        self.marking.start()

    def close(self) -> None:
        """Stop the graders, write what is queued, close the database."""
        self.marking.stop()
        self.writer.close()
        self.database.close()

    def verify(self) -> Verification:
        """Read everything again and compare."""
        with self.database.reading() as connection:
            return verify(connection, self.blobs, self.signer.public_key)


def workers(grading: Grading) -> dict[Compute, int]:
    """How many submissions this service has judged at once: on its own cores and GPUs, or under way to a cluster.

    Where there is no GPU, one thread takes such jobs all the same, and tells what they wait for.
    """
    if grading.scheduler:
        return {"cpu": grading.workers or 32, "gpu": 8}
    return {"cpu": grading.workers or os.cpu_count() or 1, "gpu": max(1, grading.gpus)}


def open_blobs(settings: Settings) -> BlobStore:
    """The folder of blobs that the settings describe."""
    limits = settings.exchange
    free, reserve = limits.min_free_mb * MEGABYTE, limits.reserve_mb * MEGABYTE
    blobs = BlobStore(settings.state / "blobs", min_free=free, reserve=reserve)
    blobs.remove_left_overs()
    return blobs
