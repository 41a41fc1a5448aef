"""`bitgoeul submit` and `bitgoeul receipt verify`, as processes; large work in bounded memory; a full server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.exchange import ExchangeError

from bitgoeul.exchange.receipts import Signer
from tests.fakes.hub import FakeHub
from tests.services.nbgrader_exchange import worlds
from tests.services.nbgrader_exchange.academy import ROOT, Service, serving
from tests.services.nbgrader_exchange.labs import Lab, World, put

hub_and_service, world = worlds.hub_and_service, worlds.world
LARGE = 200_000_000
PEAK = "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
MEASURE = f"""
from bitgoeul.cli.main import main
try:
    main()
finally:
    {PEAK}
"""
DOWNLOAD = f"""
import pathlib, sys, tempfile
from bitgoeul.lab.bundle import unpack
from bitgoeul.lab.client import Client
url, token, submission, folder = sys.argv[1:]
with tempfile.TemporaryFile() as spool:
    Client(url, token).content(submission, spool)
    unpack(spool, pathlib.Path(folder))
{PEAK}
"""
LIMITS = "[exchange]\nreserve_mb = 0\nmin_free_mb = {free}\nmax_submission_mb = 250"


def bitgoeul(
    lab: Lab, *arguments: str, language: str = "en", measured: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command in a lab. `measured`: the last line of stdout is the peak memory in kilobytes."""
    environ = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "HOME": str(lab.folder),
        "JUPYTERHUB_USER": lab.user,
        "JUPYTERHUB_API_TOKEN": lab.token,
        "JUPYTERHUB_ROOT_DIR": str(lab.folder),
        "BITGOEUL_SERVICE_URL": lab.service.url,
        "BITGOEUL_LANGUAGE": language,
    }
    code = MEASURE if measured else "from bitgoeul.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=lab.folder, env=environ, check=False, capture_output=True, text=True, timeout=200,
    )  # fmt: skip


def downloading(lab: Lab, submission: str) -> int:
    """Peak memory, in kilobytes, of a process that gets a submission and unpacks it."""
    command = [sys.executable, "-c", DOWNLOAD, lab.service.url, lab.token, submission, str(lab.folder / submission)]
    environ = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
    return int(subprocess.run(command, env=environ, check=True, capture_output=True, timeout=200).stdout)


def receipt_in(lab: Lab) -> Path:
    (path,) = (lab.folder / ".bitgoeul" / "receipts").rglob("*.json")
    return path


def test_submitting_from_a_terminal_prints_the_receipts_number_and_place(world: World) -> None:
    world.release()
    lab = world.fetched()
    ran = bitgoeul(lab, "submit", f"{lab.course}/ps1")
    (row,) = lab.submissions("ps1")

    assert ran.returncode == 0, ran.stderr
    assert f"Received: number {row['sequence']} at {row['begun_at']}" in ran.stdout
    assert str(receipt_in(lab)) in ran.stdout


def test_what_is_late_or_left_out_is_told_on_the_terminal(world: World) -> None:
    staff = world.release()
    lab = world.fetched()
    staff.ask("PUT", f"api/courses/{lab.course}/assignments/ps1/due", {"due": "2020-01-01T00:00:00Z"})
    (lab.work("ps1") / "link").symlink_to(lab.folder, target_is_directory=True)
    ran = bitgoeul(lab, "submit", f"{lab.course}/ps1")

    assert ran.returncode == 0
    assert "Late by" in ran.stderr
    assert "no regular file: link" in ran.stderr


def test_a_folder_of_another_name_can_be_handed_in(world: World, tmp_path: Path) -> None:
    world.release()
    lab = world.fetched()
    shutil.copytree(lab.work("ps1"), tmp_path / "elsewhere")
    ran = bitgoeul(lab, "submit", f"{lab.course}/ps1", str(tmp_path / "elsewhere"))

    assert ran.returncode == 0, ran.stderr
    assert len(lab.submissions("ps1")) == 1


@pytest.mark.parametrize(
    ("arguments", "language", "code", "words"),
    [
        (["ps1"], "en", 2, "COURSE/ASSIGNMENT was wanted"),
        (["{course}/nothing"], "en", 1, "Assignment not found"),
        (["{course}/nothing"], "ko", 1, "과제 폴더가 없습니다"),
    ],
)
def test_a_failed_submission_says_why_and_ends_with_a_code(
    world: World, arguments: list[str], language: str, code: int, words: str
) -> None:
    world.release()
    lab = world.fetched()
    ran = bitgoeul(lab, "submit", *(text.format(course=lab.course) for text in arguments), language=language)

    assert ran.returncode == code
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.fixture
def handed_in(world: World) -> Lab:
    world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    put(lab.folder / "key.json", lab.get("api/receipt-key").decode())
    return lab


def verify(lab: Lab, *more: str) -> subprocess.CompletedProcess[str]:
    return bitgoeul(lab, "receipt", "verify", str(receipt_in(lab)), *more)


def test_a_receipt_is_checked_offline_with_signature_and_work(handed_in: Lab) -> None:
    lab = handed_in
    ran = verify(lab, "--key", str(lab.folder / "key.json"), "--work", str(lab.work("ps1")))

    assert ran.returncode == 0, ran.stderr
    assert "The signature is genuine." in ran.stdout
    assert "These are exactly the files handed in." in ran.stdout
    assert "minji handed in" in ran.stdout


def test_the_key_may_be_a_file_of_text_or_an_address(handed_in: Lab) -> None:
    text = json.loads((handed_in.folder / "key.json").read_text())["public_key"]
    put(handed_in.folder / "key.pub", text + "\n")
    ran = [
        verify(handed_in, "--key", place)
        for place in (str(handed_in.folder / "key.pub"), f"{handed_in.service.url}api/receipt-key")
    ]

    assert [one.returncode for one in ran] == [0, 0], [one.stderr for one in ran]


@pytest.mark.parametrize("field", ["user", "sha256", "begun_at", "late_seconds", "sequence"])
def test_a_changed_receipt_is_not_genuine(handed_in: Lab, field: str) -> None:
    path = receipt_in(handed_in)
    found = json.loads(path.read_text())
    other = {"user": "junho", "sha256": "0" * 64, "begun_at": "2020-01-01T00:00:00.000000Z", "late_seconds": 1.0}
    path.write_text(json.dumps({**found, field: other.get(field, 999_999)}))
    ran = verify(handed_in, "--key", str(handed_in.folder / "key.json"))

    assert ran.returncode == 1
    assert "signature does not fit" in ran.stderr


def test_another_academys_key_does_not_fit(handed_in: Lab, tmp_path: Path) -> None:
    put(tmp_path / "other.pub", Signer(tmp_path / "other").public_key)
    ran = verify(handed_in, "--key", str(tmp_path / "other.pub"))

    assert ran.returncode == 1
    assert "signature does not fit" in ran.stderr


def test_work_changed_since_is_told(handed_in: Lab) -> None:
    put(handed_in.work("ps1") / "data" / "a.csv", "1,3")
    ran = verify(handed_in, "--work", str(handed_in.work("ps1")))

    assert ran.returncode == 1
    assert "not what was handed in" in ran.stderr


@pytest.mark.parametrize("more", [[], ["--key", "no-such-file"], ["--work", "no-such-folder"]])
def test_what_cannot_be_checked_is_told_and_ends_with_two(handed_in: Lab, more: list[str]) -> None:
    ran = verify(handed_in, *more)

    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


@pytest.fixture
def roomy(tmp_path: Path) -> Iterator[World]:
    hub = FakeHub({})
    with serving(tmp_path / "academy", hub, LIMITS.format(free=0)) as service:
        yield World(service, hub, tmp_path)


def test_two_hundred_megabytes_go_up_and_come_down_in_bounded_memory(roomy: World) -> None:
    """Peak memory of the client with 200 MB of work is that without, give or take what a buffer needs."""
    roomy.release()
    lab = roomy.fetched()
    small = bitgoeul(lab, "submit", f"{lab.course}/ps1", measured=True)
    with (lab.work("ps1") / "data.bin").open("wb") as file:
        for number in range(LARGE // 1_000_000):
            file.write(number.to_bytes(4, "big") * 250_000)
    large = bitgoeul(lab, "submit", f"{lab.course}/ps1", measured=True)
    assert (small.returncode, large.returncode) == (0, 0), small.stderr + large.stderr
    peaks = [int(ran.stdout.split()[-1]) for ran in (small, large)]
    loads = [downloading(lab, row["id"]) for row in lab.submissions("ps1")]
    staff = roomy.lab("seoyeon")
    staff.do("Collect", "ps1")
    come = (staff.folder / "submitted" / "minji" / "ps1" / "data.bin").stat().st_size

    assert come == LARGE
    assert peaks[1] - peaks[0] < 20_000, peaks
    assert loads[1] - loads[0] < 20_000, loads


@pytest.fixture
def full(tmp_path: Path) -> Iterator[tuple[FakeHub, Service]]:
    """A service that has room until it is started again with another setting."""
    hub = FakeHub({})
    with serving(tmp_path / "academy", hub, LIMITS.format(free=0)) as service:
        yield hub, service


def test_a_full_server_is_told_and_reading_goes_on(full: tuple[FakeHub, Service], tmp_path: Path) -> None:
    hub, service = full
    world = World(service, hub, tmp_path)
    world.release()
    lab = world.fetched()
    lab.do("Submit", "ps1")
    service.stop()
    settings = service.folder / "academy.toml"
    settings.write_text(settings.read_text().replace("min_free_mb = 0", "min_free_mb = 900000000"))
    service.start()

    with pytest.raises(ExchangeError, match=r"Not received.*disk is full"):
        lab.do("Submit", "ps1")
    assert [row["assignment_id"] for row in lab.do("List", cached=True)] == ["ps1"]
    assert world.fetched("junho").work("ps1").is_dir()
