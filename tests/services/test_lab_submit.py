"""Handing in against a real service: what arrives, what stays at home, and that every failure is told."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.utils import parse_utc
from traitlets.config import Config

from bitgoeul import wire
from bitgoeul.exchange import receipts
from bitgoeul.lab.bundle import Rules, digest, files_of
from bitgoeul.lab.submit import ExchangeSubmit
from tests.services.nbgrader_exchange import worlds
from tests.services.nbgrader_exchange.labs import Lab, World, put, put_notebook

hub_and_service, world = worlds.hub_and_service, worlds.world


def outbox(lab: Lab) -> list[Path]:
    return sorted((lab.folder / ".bitgoeul" / "outbox").rglob("*.tar"))


def receipts_of(lab: Lab) -> list[wire.Receipt]:
    found = sorted((lab.folder / ".bitgoeul" / "receipts").rglob("*.json"))
    return [wire.read(wire.Receipt, path.read_bytes()) for path in found]


def test_a_submission_is_listed_with_the_servers_time_and_leaves_a_receipt(world: World) -> None:
    world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    (row,) = lab.submissions("ps1")
    (receipt,) = receipts_of(lab)
    (copy,) = (lab.folder / ".cache" / lab.course).iterdir()

    assert (receipt.id, receipt.user, receipt.begun_at) == (row["id"], "minji", row["begun_at"])
    assert outbox(lab) == []
    assert copy.name.split("+")[:2] == ["minji", "ps1"]
    assert parse_utc(copy.name.split("+")[2]) == parse_utc(wire.moment(receipt.begun_at))
    assert (copy / "timestamp.txt").read_text() == copy.name.split("+")[2]


def test_the_receipt_is_genuine_and_speaks_of_exactly_this_folder(world: World) -> None:
    world.release()
    lab = world.fetched()
    put(lab.work("ps1") / "메모.txt", "한글")
    lab.do("Submit", "ps1")
    (receipt,) = receipts_of(lab)
    key = json.loads(lab.get("api/receipt-key"))["public_key"]

    assert receipts.verify(receipt, key)
    assert receipt.sha256 == digest(files_of(lab.work("ps1"), Rules())).sha256


def test_what_is_ignored_not_included_or_too_large_stays_at_home(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.release()
    lab = world.fetched()
    put(lab.work("ps1") / "foo.pyc")
    put(lab.work("ps1") / "large.txt", "x" * 2001)
    put(lab.work("ps1") / "small.txt", "x" * 2000)
    put(lab.work("ps1") / "photo.jpg")
    lab.extra.CourseDirectory.max_file_size = 2
    lab.extra.CourseDirectory.include = ["*.ipynb", "*.txt"]
    lab.do("Submit", "ps1")

    assert lab.content(lab.submissions("ps1")[0]["id"]) == ["p1.ipynb", "small.txt"]
    assert "too large: large.txt" in caplog.text


def test_a_read_only_file_is_handed_in(world: World) -> None:
    world.release()
    lab = world.fetched()
    (lab.work("ps1") / "p1.ipynb").chmod(0o400)
    lab.do("Submit", "ps1")

    assert "p1.ipynb" in lab.content(lab.submissions("ps1")[0]["id"])


def test_the_same_assignment_in_two_courses_goes_to_each(world: World) -> None:
    labs = []
    for course in (f"{world.course}-a", f"{world.course}-b"):
        world.release(course=course)
        labs.append(world.fetched(course=course))
        labs[-1].do("Submit", "ps1")

    assert [len(lab.submissions("ps1")) for lab in labs] == [1, 1]
    assert [row["course"] for lab in labs for row in lab.submissions("ps1")] == [lab.course for lab in labs]


def test_the_release_that_the_work_was_begun_from_is_told(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    put_notebook(staff.folder / "release" / "ps1" / "p1.ipynb", "2")
    staff.do("ReleaseAssignment", "ps1", force=True)
    lab.do("Submit", "ps1")

    assert [row["release_version"] for row in lab.submissions("ps1")] == [1]


def test_handing_in_again_is_a_second_submission(world: World) -> None:
    world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    lab.do("Submit", "ps1")

    assert len(lab.submissions("ps1")) == 2
    assert [receipt.sequence for receipt in receipts_of(lab)] == [row["sequence"] for row in lab.submissions("ps1")]


def test_while_the_service_is_down_nothing_is_called_received_and_the_work_waits(world: World) -> None:
    world.release()
    lab = world.fetched()
    port, world.service.port = world.service.port, world.service.port
    world.service.stop(signal.SIGKILL)
    try:
        with pytest.raises(ExchangeError, match=r"cannot be reached") as caught:
            lab.do("Submit", "ps1")
    finally:
        world.service.start()
    assert "Try again" in str(caught.value)
    assert receipts_of(lab) == []
    assert port == world.service.port

    lab.do("Submit", "ps1")

    assert len(lab.submissions("ps1")) == 1


class Lossy:
    """A wire that carries questions and loses the answers to submissions while `losing`."""

    def __init__(self, port: int) -> None:
        self.to, self.losing = port, True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.to)) as far, contextlib.suppress(OSError):
            submission = threading.Event()
            threading.Thread(target=self._forward, args=(near, far, submission), daemon=True).start()
            while data := far.recv(65536):
                if submission.is_set() and self.losing:
                    near.shutdown(socket.SHUT_RDWR)  # the service has answered; nobody hears it
                    return
                near.sendall(data)

    def _forward(self, near: socket.socket, far: socket.socket, submission: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                if data.startswith(b"POST"):
                    submission.set()
                far.sendall(data)


def test_a_receipt_lost_on_the_way_is_the_same_receipt_when_asked_again(world: World) -> None:
    """The cut after the commit and before the answer: nothing lost, nothing doubled."""
    world.release()
    lab = world.fetched()
    lossy = Lossy(world.service.port)
    lab.url = f"http://127.0.0.1:{lossy.port}/services/bitgoeul/"
    with pytest.raises(ExchangeError, match="Not yet received"):
        lab.do("Submit", "ps1")
    (stored,) = lab.submissions("ps1")
    assert len(outbox(lab)) == 1

    lossy.losing = False
    lab.do("Submit", "ps1")
    lossy.listener.close()

    assert [row["id"] for row in lab.submissions("ps1")] == [stored["id"]]
    assert [receipt.id for receipt in receipts_of(lab)] == [stored["id"]]
    assert outbox(lab) == []


def test_work_changed_after_a_lost_receipt_is_a_submission_of_its_own(world: World) -> None:
    world.release()
    lab = world.fetched()
    lossy = Lossy(world.service.port)
    lab.url = f"http://127.0.0.1:{lossy.port}/services/bitgoeul/"
    with pytest.raises(ExchangeError):
        lab.do("Submit", "ps1")
    lossy.losing = False
    put_notebook(lab.work("ps1") / "p1.ipynb", "2")
    lab.do("Submit", "ps1")
    lossy.listener.close()

    assert len(lab.submissions("ps1")) == 2
    assert outbox(lab) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", "들어 있지 않습니다"), ("en", "does not take")],
)
def test_who_does_not_take_the_course_reads_so_in_his_language(world: World, language: str, words: str) -> None:
    world.release()
    lab = world.lab("amelia", language=language)
    put_notebook(lab.work("ps1") / "p1.ipynb")

    with pytest.raises(ExchangeError, match=words):
        lab.do("Submit", "ps1")


def test_a_token_that_has_ended_is_told(world: World) -> None:
    world.release()
    lab = world.fetched()
    world.hub.revoke(lab.token)
    lab.token = "0" * 32

    with pytest.raises(ExchangeError, match=r"[Ss]ign in"):
        lab.do("Submit", "ps1")


def test_nothing_can_be_handed_in_for_somebody_else(world: World) -> None:
    world.release()
    lab = world.fetched()
    lab.extra.CourseDirectory.student_id = "junho"

    with pytest.raises(ExchangeError, match="You are signed in as minji"):
        lab.do("Submit", "ps1")
    assert lab.submissions("ps1") == []


def test_too_large_is_refused_by_the_service_with_its_limit_and_does_not_wait_in_the_outbox(world: World) -> None:
    world.release()
    lab = world.fetched()
    put(lab.work("ps1") / "big.bin", "x" * 3_000_000)

    with pytest.raises(ExchangeError, match=r"Not received.*2,000,000"):
        lab.do("Submit", "ps1")
    assert outbox(lab) == []
    assert lab.submissions("ps1") == []


@pytest.mark.parametrize("name", ["a\u202ebc.txt", " lead.txt"])
def test_a_name_that_cannot_travel_is_refused_with_the_name(world: World, name: str) -> None:
    world.release()
    lab = world.fetched()
    put(lab.work("ps1") / name)

    with pytest.raises(ExchangeError, match=r"Not received.*[Rr]ename"):
        lab.do("Submit", "ps1")


def test_an_assignment_that_was_never_released_is_not_taken(world: World) -> None:
    world.release()
    lab = world.lab("minji")
    put_notebook(lab.work("ps9") / "p1.ipynb")

    with pytest.raises(ExchangeError, match="Not received"):
        lab.do("Submit", "ps9")


def test_a_folder_that_is_not_there_is_told_with_its_nearest_neighbour(world: World) -> None:
    world.release()
    lab = world.fetched()

    with pytest.raises(ExchangeError, match=r"Did you mean ps1\?"):
        lab.do("Submit", "ps11")


@contextlib.contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file of this process may grow past `size`: the nearest to a full home that needs no rights."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_home_that_takes_no_more_is_told_and_leaves_no_half_parcel(world: World) -> None:
    world.release()
    lab = world.fetched()
    put(lab.work("ps1") / "big.bin", "x" * 1_000_000)

    with small_disk(200_000), pytest.raises(ExchangeError, match="A file of this lab cannot be"):
        lab.do("Submit", "ps1")
    assert [path for path in (lab.folder / ".bitgoeul" / "outbox").rglob("*") if path.is_file()] == []


def test_a_receipt_that_cannot_be_kept_is_told_and_the_work_is_received(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.release()
    lab = world.fetched()
    put(lab.folder / ".bitgoeul" / "receipts", "a file where the folder should be")
    lab.do("Submit", "ps1")

    assert "received, but its receipt or copy could not be kept" in caplog.text
    assert len(lab.submissions("ps1")) == 1


def test_handing_in_late_is_taken_and_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    staff = world.release()
    lab = world.fetched()
    staff.ask("PUT", f"api/courses/{lab.course}/assignments/ps1/due", {"due": "2020-01-01T00:00:00Z"})
    lab.do("Submit", "ps1")

    assert "Late by" in caplog.text
    assert lab.submissions("ps1")[0]["late_seconds"] > 0


def test_outside_a_lab_the_missing_service_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.delenv("BITGOEUL_SERVICE_URL", raising=False)
    put_notebook(tmp_path / "ps1" / "p1.ipynb")
    c = Config()
    c.CourseDirectory.course_id, c.CourseDirectory.assignment_id = "one", "ps1"
    c.Exchange.assignment_dir = str(tmp_path)

    with pytest.raises(ExchangeError, match="허브에서"):
        ExchangeSubmit(coursedir=CourseDirectory(config=c), config=c).start()
