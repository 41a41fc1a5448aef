"""F9: the PostgreSQL server is killed again and again while students hand in."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.services import needs, postgres
from tests.services.exchange_load import IN, School, look, storm
from tests.services.exchange_service import serving

STUDENTS, KILLS = 60, 2


def test_a_database_server_that_is_killed_loses_nothing_and_is_told_as_busy(tmp_path, tell):
    needs.file(postgres.binary("initdb"), "postgresql")
    school, folder, told, back = School(STUDENTS), tmp_path / "state", [], []
    with postgres.server() as server, serving(folder, school.hub, database_url=server.url) as service:
        school.release(service)

        with ThreadPoolExecutor(1) as aside:
            running = aside.submit(storm, service, school, size=20_000, seconds=5, threads=16)
            for _ in range(KILLS):
                time.sleep(1.5)
                server.kill()
                begun = time.monotonic()
                told.append(service.ask("GET", f"{IN}/submissions", school.tokens["student-0"]))
                server.start()
                back.append(time.monotonic() - begun)
            tally = running.result()
        readable = service.ask("GET", f"{IN}/submissions", school.tokens["student-0"])
        service.stop()
        found = look(folder, tally.receipts, server.url)
    tell(f"F9 PostgreSQL kill -9 x{KILLS}: {found}, retries {tally.retries}, back in at most {max(back):.1f} s")

    assert (found.acknowledged, found.lost, found.doubled, found.rows) == (STUDENTS, 0, 0, STUDENTS)
    assert set(tally.refused) <= {503}
    assert {answer.status for answer in told} <= {200, 503}
    assert readable.status == 200
