"""F1, F2: the service is killed again and again while students hand in and graders work."""

from __future__ import annotations

import threading
import time
from collections import Counter

from bitgoeul.database import Database
from bitgoeul.exchange import tables as t
from tests.services.exchange_load import IN, School, look, storm
from tests.services.exchange_service import serving

STUDENTS, KILLS = 150, 3


def test_kill_9_in_a_storm_loses_nothing_doubles_nothing_and_every_job_ends_once(tmp_path, tell):
    school = School(STUDENTS)
    folder = tmp_path / "state"
    back = []
    with serving(folder, school.hub, judge_seconds=0.05) as service:
        school.release(service)

        def kill_again_and_again() -> None:
            for _ in range(KILLS):
                time.sleep(1.5)
                service.kill()
                begun = time.monotonic()
                service.start()
                back.append(time.monotonic() - begun)

        killer = threading.Thread(target=kill_again_and_again)
        killer.start()
        tally = storm(service, school, size=60_000, seconds=8, threads=24)
        killer.join()
        _wait_until_graded(service, school)
        service.stop()
    found = look(folder, tally.receipts)
    verdicts = _verdicts(folder)
    tell(f"F1 kill -9 x{KILLS}: {found}, retries {tally.retries}, back in at most {max(back):.1f} s")
    tell(f"F2 killed while grading: jobs {found.rows}, verdicts {sum(verdicts.values())}, worst wait of a student "
          f"{max(tally.seconds):.1f} s, p99 {tally.percentile(0.99):.1f} s")  # fmt: skip

    assert (found.acknowledged, found.lost, found.doubled, found.rows) == (STUDENTS, 0, 0, STUDENTS)
    assert len(verdicts) == STUDENTS
    assert set(verdicts.values()) == {1}
    assert list((folder / "blobs" / "tmp").iterdir()) == []


def _wait_until_graded(service, school) -> None:
    for _ in range(600):
        found = service.ask("GET", f"{IN}/progress", school.tokens["prof"]).json
        if found["queued"] + found["running"] == 0:
            return
        time.sleep(0.1)
    raise AssertionError(found)


def _verdicts(folder) -> Counter[int]:
    database = Database(f"sqlite:///{folder / 'bitgoeul.sqlite'}")
    with database.reading() as connection:
        found = Counter(connection.execute(t.verdicts.select().with_only_columns(t.verdicts.c.submission)).scalars())
    database.close()
    return found
