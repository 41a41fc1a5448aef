"""F8, F11: somebody sets the clock; somebody holds the database."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid

from bitgoeul.wire import Receipt, moment, read
from tests.services.exchange_load import School, look, submit, work_of
from tests.services.exchange_service import serving


def test_a_clock_that_steps_changes_neither_order_nor_durations(tmp_path, tell):
    school, folder, receipts = School(1), tmp_path / "state", {}
    steps = [0, -3600, 86_400, -86_400, 30, 0]
    with serving(folder, school.hub) as service:
        school.release(service)
        for number, step in enumerate(steps):
            (folder / "clock-step").write_text(str(step))
            time.sleep(0.6)  # the clock is compared every half second
            if step == -3600:
                service.stop()  # a restart knows the wall clock and the newest receipt, and nothing else
                service.start()
            key = str(uuid.uuid4())
            answer = submit(service, school.tokens["student-0"], work_of(100, number), key)
            receipts[key] = read(Receipt, answer.body)
        service.stop()
    found = look(folder, receipts)
    given = list(receipts.values())
    spent = moment(given[-1].stored_at) - moment(given[0].stored_at)
    tell(f"F8 clock stepped by {steps} s: {found}, receipts span {spent.total_seconds():.1f} s")

    assert [receipt.sequence for receipt in given] == [1, 2, 3, 4, 5, 6]
    assert sorted(receipt.stored_at for receipt in given) == [receipt.stored_at for receipt in given]
    assert sorted(receipt.begun_at for receipt in given) == [receipt.begun_at for receipt in given]
    assert all(receipt.begun_at <= receipt.stored_at and receipt.late_seconds == 0 for receipt in given)
    assert spent.total_seconds() < 120
    assert found.lost == 0


def test_a_locked_database_delays_and_loses_nothing(tmp_path, tell):
    school, folder = School(8), tmp_path / "state"
    answers, seconds = {}, []
    with serving(folder, school.hub) as service:
        school.release(service)
        other = sqlite3.connect(folder / "bitgoeul.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        def hand_in(number: int) -> None:
            begun, key = time.monotonic(), str(uuid.uuid4())
            answers[key] = submit(service, school.tokens[f"student-{number}"], work_of(100, number), key)
            seconds.append(time.monotonic() - begun)

        students = [threading.Thread(target=hand_in, args=(number,)) for number in range(8)]
        for student in students:
            student.start()
        time.sleep(5)
        readable = service.ask("GET", "api/me", school.tokens["student-0"]).status
        time.sleep(5)
        other.execute("ROLLBACK")
        other.close()
        for student in students:
            student.join()
        service.stop()
    receipts = {key: read(Receipt, answer.body) for key, answer in answers.items() if answer.status == 201}
    found = look(folder, receipts)
    tell(f"F11 database locked for 10 s: {found}, longest answer {max(seconds):.1f} s")

    assert readable == 200
    assert {answer.status for answer in answers.values()} <= {201, 503}
    assert (found.lost, found.doubled) == (0, 0)
    assert found.rows == 8


def test_a_database_locked_for_longer_is_told_as_busy_and_trying_again_helps(tmp_path):
    """The service's own wait is cut short here, so that the test is."""
    school, folder = School(1), tmp_path / "state"
    data, key = work_of(100, 1), str(uuid.uuid4())
    with serving(folder, school.hub, mutants=("impatient",)) as service:
        school.release(service)
        other = sqlite3.connect(folder / "bitgoeul.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        busy = submit(service, school.tokens["student-0"], data, key)
        other.execute("ROLLBACK")
        other.close()
        again = submit(service, school.tokens["student-0"], data, key)

    assert (busy.status, busy.json["code"]) == (503, "service-busy")
    assert again.status == 201
