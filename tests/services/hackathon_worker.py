"""A scoring worker as a real process, which a test kills: `python -m tests.services.hackathon_worker FOLDER URL`.

It scores slowly, so that a kill often comes in the middle, and its leases run out soon.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path


def main() -> None:
    from bitgoeul.blobs import BlobStore
    from bitgoeul.database import Database
    from bitgoeul.grading.engine import Engine
    from bitgoeul.hackathon import rules, work
    from bitgoeul.hackathon.core import Core
    from bitgoeul.settings import Academy, Grading, Settings

    folder, database = Path(sys.argv[1]), Database(sys.argv[2])
    rules.LEASE = timedelta(seconds=0.5)
    work.POLL_SECONDS = 0.05
    settings = Settings(academy=Academy(state=folder, curriculum=folder / "curriculum"), grading=Grading(workers=1))
    core = Core(settings, database, BlobStore(folder / "blobs"), Engine(settings.grading))
    score = core.scoring._score

    def slowly(leased: work.Leased) -> object:
        time.sleep(0.05)
        return score(leased)

    core.scoring._score = slowly  # type: ignore[assignment]
    core.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main()
