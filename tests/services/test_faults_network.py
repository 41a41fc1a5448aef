"""F12 and its kin: uploads that break off, answers that never arrive, bodies larger than memory should be."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import random
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bitgoeul.exchange import bundle
from bitgoeul.wire import Receipt, moment, read
from tests.services.exchange_load import IN, NOTEBOOK, School, headers_for, look, submit, work_of
from tests.services.exchange_service import PREFIX, Service, serving


def raw_request(token: str, data: bytes, key: str) -> bytes:
    headers = {**headers_for(data, key), "Host": "academy", "Authorization": f"token {token}"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**headers, "Content-Length": str(len(data))}.items())
    return f"POST {PREFIX}{IN}/submissions HTTP/1.1\r\n{lines}\r\n".encode()


def send_part(service: Service, token: str, data: bytes, key: str, part: float) -> None:
    """Send the headers and that part of the body, then go away."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(raw_request(token, data, key) + data[: int(len(data) * part)])


def temporary(folder: Path) -> list[Path]:
    return list((folder / "blobs" / "tmp").iterdir())


def test_a_thousand_uploads_that_break_off_leave_nothing(tmp_path, tell):
    school, folder = School(20), tmp_path / "state"
    with serving(folder, school.hub) as service:
        school.release(service)

        def break_off(number: int) -> None:
            token = school.tokens[f"student-{number % 20}"]
            send_part(service, token, work_of(50_000, number), str(uuid.uuid4()), random.uniform(0.01, 0.99))

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(break_off, range(1000)))
        for _ in range(600):
            if not temporary(folder):
                break
            time.sleep(0.1)
        left_over = temporary(folder)
        rows = service.ask("GET", f"{IN}/submissions", school.tokens["prof"]).json
        after = submit(service, school.tokens["student-0"], work_of(100, 1))
        service.stop()
    blobs = list((folder / "blobs").glob("??/*"))
    tell(f"F12 1000 half uploads: acknowledged 0, rows {len(rows)}, temporary files {len(left_over)}, doubled 0")

    assert rows == []
    assert left_over == []
    assert after.status == 201
    assert len(blobs) == 3  # two of the release, one of the submission after


def test_an_upload_cut_off_and_tried_again_with_its_key_keeps_its_beginning(tmp_path):
    """That the grace window ends is tested with a clock of its own, in tests/unit/exchange/test_intake.py."""
    school = School(1)
    token, data, key = school.tokens["student-0"], work_of(50_000, 1), str(uuid.uuid4())
    with serving(tmp_path / "state", school.hub) as service:
        school.release(service)
        send_part(service, token, data, key, 0.5)
        time.sleep(1.5)
        before_retry = time.time()
        other = submit(service, token, work_of(50_000, 2), key)
        kept = read(Receipt, submit(service, token, data, key).body)

    assert other.status == 409
    assert moment(kept.begun_at).timestamp() < before_retry < moment(kept.stored_at).timestamp()


def test_a_student_who_never_got_the_answer_gets_the_same_receipt_later(tmp_path, tell):
    """The cut comes when the whole upload is there: after the commit, or while it happens."""
    school, folder, receipts = School(30), tmp_path / "state", {}
    with serving(folder, school.hub) as service:
        school.release(service)
        uploads = [(school.tokens[f"student-{n}"], work_of(5000, n), str(uuid.uuid4())) for n in range(30)]
        for token, data, key in uploads:
            send_part(service, token, data, key, 1.0)
        for token, data, key in uploads:
            for _ in range(2):
                answer = submit(service, token, data, key)
                assert answer.status in (200, 201)
                assert receipts.setdefault(key, read(Receipt, answer.body)) == read(Receipt, answer.body)
        service.stop()
    found = look(folder, receipts)
    tell(f"F10 answers cut off: {found}")

    assert (found.acknowledged, found.lost, found.doubled, found.rows) == (30, 0, 0, 30)


def memory_peak(service: Service) -> int:
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


@pytest.fixture
def large(tmp_path):
    """A bundle of 200 MB on disk."""
    path = tmp_path / "large.tar"
    with path.open("wb") as out:
        out.write(bundle.write({"a.ipynb": NOTEBOOK})[:-1024])
        info = bundle.tarfile.TarInfo("data.bin")
        info.size = 200_000_000
        out.write(info.tobuf(bundle.tarfile.PAX_FORMAT))
        piece = os.urandom(1_000_000)
        for _ in range(200):
            out.write(piece)
        out.write(bytes(-info.size % 512 + 1024))
    return path


def test_200_megabytes_are_taken_and_given_back_in_bounded_memory(tmp_path, large, tell):
    school = School(1)
    token, digest = school.tokens["student-0"], hashlib.sha256()
    with serving(tmp_path / "state", school.hub, judge_seconds=3600) as service:
        school.release(service)
        submit(service, token, work_of(100_000, 1))
        before = memory_peak(service)
        with large.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            headers = {**headers_for(b"", str(uuid.uuid4())), "X-Content-SHA256": sha256}
            headers["Content-Length"] = str(large.stat().st_size)
            begun = time.monotonic()
            answer = service.ask("POST", f"{IN}/submissions", token, body=file, headers=headers)
            seconds = time.monotonic() - begun
        receipt = read(Receipt, answer.body)
        _download(service, token, f"api/submissions/{receipt.id}/content", digest)
        grown = memory_peak(service) - before
    tell(f"200 MB: taken in {seconds:.1f} s, memory peak {before / 1e6:.0f} MB before, {grown / 1e6:+.0f} MB after")

    assert answer.status == 201
    assert digest.hexdigest() == sha256 == receipt.sha256
    assert grown < 48_000_000


def _download(service: Service, token: str, path: str, digest: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", PREFIX + path, headers={"Authorization": f"token {token}"})
        answer = connection.getresponse()
        while piece := answer.read(1 << 18):
            digest.update(piece)


def test_an_upload_that_announces_too_much_is_answered_though_it_is_still_being_sent(tmp_path, large):
    school = School(1)
    with serving(tmp_path / "state", school.hub, options={"max_submission_mb": 1}) as service:
        school.release(service)
        with large.open("rb") as file:
            headers = headers_for(b"", str(uuid.uuid4())) | {"Content-Length": str(large.stat().st_size)}
            answer = service.ask("POST", f"{IN}/submissions", school.tokens["student-0"], body=file, headers=headers)

    assert (answer.status, answer.json["code"]) == (413, "too-large")
