"""F6, F13, F14: the disk is full; bytes rot; somebody edits the database."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul.exchange import store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.contents import DamagedBlob
from bitgoeul.wire import Receipt, moment, read
from tests.services import needs
from tests.services.exchange_load import IN, School, local_exchange, look, submit, take, work_of
from tests.services.exchange_service import serving


def in_tmpfs(folder: Path, megabytes: int) -> tuple[str, ...]:
    """Run a command with a small disk of its own mounted at the folder."""
    script = f'mount -t tmpfs -o size={megabytes}m none "{folder}" && exec "$@"'
    return ("unshare", "-m", "sh", "-c", script, "--")


@pytest.mark.parametrize("min_free", [0, 2])
def test_a_full_disk_refuses_with_507_and_works_again_when_there_is_room(tmp_path, min_free, tell):
    """Without a margin (0) the disk really runs full in the middle of writes; with one we refuse before."""
    needs.mounts()
    school, folder = School(1), tmp_path / "state"
    with serving(folder, school.hub, before=in_tmpfs(folder, 16), options={"min_free_mb": min_free}) as service:
        inside = Path(f"/proc/{service.process.pid}/root{folder}")
        ballast = inside / "ballast"
        ballast.write_bytes(bytes(9_000_000))
        school.release(service)
        answers = [_try(service, school, number) for number in range(40)]
        full = [answer for answer in answers if answer.status != 201]
        still_readable = service.ask("GET", f"{IN}/submissions", school.tokens["student-0"])
        ballast.unlink()
        time.sleep(1)
        again = _try(service, school, 99)
        receipts = {}
        for answer in [*answers, again]:
            if answer.status == 201:
                receipt = read(Receipt, answer.body)
                receipts[_key(answer)] = receipt
        left_over = list((inside / "blobs" / "tmp").iterdir())
        shutil.copytree(inside, tmp_path / "after")  # that disk ends with the service
    found = look(tmp_path / "after", receipts)
    tell(f"F6 disk full (margin {min_free} MB): {found}, refused {len(full)} with {sorted({a.status for a in full})}")

    assert len(full) >= 5
    assert {answer.status for answer in full} == {507}
    assert full[0].json["code"] == "storage-full"
    assert still_readable.status == 200
    assert again.status == 201
    assert left_over == []
    assert (found.lost, found.rows) == (0, len(receipts))


_KEYS: dict[int, str] = {}


def _try(service, school, number):
    key = str(uuid.uuid4())
    answer = submit(service, school.tokens["student-0"], work_of(300_000, number), key)
    _KEYS[id(answer)] = key
    return answer


def _key(answer):
    return _KEYS[id(answer)]


# --- rot and tampering -------------------------------------------------------------------------------------


@pytest.fixture
def exchange(tmp_path):
    """An exchange in this process with five submissions; its graders do not run."""
    with local_exchange(tmp_path / "state") as exchange:
        for number in range(5):
            take(exchange, f"student-{number}", work_of(3000, number))
        yield exchange


def test_verify_finds_nothing_where_nothing_is_wrong(exchange):
    found = exchange.verify()

    assert found.sound
    assert (found.submissions, found.orphans) == (5, ())


def test_one_flipped_bit_in_a_blob_is_named_and_a_grader_refuses_it(exchange, tell):
    with exchange.database.reading() as connection:
        row = store.submission_rows(connection)[2]
    path = exchange.blobs.path(row.sha256)
    data = bytearray(path.read_bytes())
    data[1500] ^= 1
    path.write_bytes(data)
    found = exchange.verify()
    tell(f"F13 bit rot: acknowledged 5, lost 1 (named: {found.faults[0].en[:40]}...), doubled 0")

    assert len(found.faults) == 1
    assert "submission 3 of student-2" in found.faults[0].en
    assert "damaged" in found.faults[0].en
    with pytest.raises(DamagedBlob):
        exchange.contents.submission_files(row)


def test_a_missing_blob_is_named(exchange):
    with exchange.database.reading() as connection:
        row = store.submission_rows(connection)[0]
    exchange.blobs.path(row.sha256).unlink()

    assert "missing" in exchange.verify().faults[0].en


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update submissions set begun_at = '2020-01-01T00:00:00.000000Z' where sequence = 3", "submission 3"),
        ("update submissions set user_name = 'student-9' where sequence = 3", "submission 3"),
        ("update submissions set late_seconds = 0.5 where sequence = 2", "submission 2"),
        ("delete from submissions where sequence = 2", "sequence 2 was to come next"),
        ("delete from submissions where sequence = 5", "head is at 5"),
    ],
)
def test_an_edited_or_deleted_row_is_named(exchange, statement, named):
    connection = sqlite3.connect(exchange.settings.state / "bitgoeul.sqlite")  # which checks no foreign keys
    with connection:
        connection.execute(statement)
    connection.close()
    faults = " | ".join(fault.en for fault in exchange.verify().faults)

    assert named in faults


def test_a_row_that_was_altered_and_signed_again_breaks_the_chain(exchange):
    """Whoever holds the key can sign; the receipts that others hold still show what was there."""
    with exchange.database.reading() as connection:
        receipt = store.receipt_of(connection, 3)
    forged = exchange.signer.sign(replace(receipt, begun_at="2020-01-01T00:00:00.000000Z"))
    with exchange.database.writing() as connection:
        row = t.submissions.update().where(t.submissions.c.sequence == 3)
        connection.execute(row.values(begun_at=moment(forged.begun_at), signature=forged.signature))
    faults = exchange.verify().faults

    assert len(faults) == 1
    assert "submission 3" in faults[0].en
    assert "chain breaks" in faults[0].en


def test_a_blob_that_no_row_names_is_listed_only_when_it_is_old(exchange):
    young, old = exchange.blobs.put(b"young"), exchange.blobs.put(b"old")
    os.utime(exchange.blobs.path(old), (0, 0))
    found = exchange.verify()

    assert found.orphans == (old,)
    assert young not in found.orphans
    assert found.sound
    assert json.dumps(found.faults) == "[]"
