"""All submissions as one ZIP: written while it is sent, in little memory, with names that any system can unpack."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from bitgoeul.blobs import BlobStore
from bitgoeul.exchange import archive, bundle
from bitgoeul.wire import SubmissionRow

LIMITS = bundle.Limits(1000, 50_000_000)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def handed(blobs: BlobStore, sequence: int, files: dict[str, bytes], user: str = "minji") -> SubmissionRow:
    data = bundle.write(files)
    return SubmissionRow(
        id=f"id-{sequence}",
        sequence=sequence,
        course="c",
        assignment="a",
        user=user,
        sha256=blobs.put(data),
        size=len(data),
        begun_at="2026-11-24T09:00:00.000000Z",
        late_seconds=0.0,
        release_version=1,
        state="received",
        notebooks=(),
    )


def unpacked(blobs: BlobStore, *rows: SubmissionRow) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(archive.stream(rows, blobs, LIMITS))))


def test_every_submission_has_a_folder_of_its_own(blobs: BlobStore) -> None:
    rows = [
        handed(blobs, 1, {"x.ipynb": b"one", "data/가.csv": b"1"}),
        handed(blobs, 2, {"x.ipynb": b"two"}),
        handed(blobs, 3, {"x.ipynb": b"three"}, user="junho"),
    ]

    found = unpacked(blobs, *rows)

    assert found.testzip() is None
    assert {name: found.read(name) for name in found.namelist()} == {
        "minji/20261124T090000Z-1/data/가.csv": b"1",
        "minji/20261124T090000Z-1/x.ipynb": b"one",
        "minji/20261124T090000Z-2/x.ipynb": b"two",
        "junho/20261124T090000Z-3/x.ipynb": b"three",
    }


@pytest.mark.parametrize(
    ("name", "neutral"),
    [
        ("a:b?.txt", "a_b_.txt"),
        ("con", "_con"),
        ("data/NUL.csv", "data/_NUL.csv"),
        ("note. ", "note"),
        ("..", "_"),
        ("../x", "_/x"),
        ("a\\b", "a_b"),
        ("console.py", "console.py"),
        ("한글.ipynb", "한글.ipynb"),
    ],
)
def test_a_name_is_made_such_that_it_can_be_unpacked_anywhere(name: str, neutral: str) -> None:
    assert archive.safe(name) == neutral


def test_a_lost_submission_is_told_in_its_place_and_spoils_no_other(blobs: BlobStore) -> None:
    lost, cut, whole = (handed(blobs, n, {"x.ipynb": b"%d" % n}) for n in (1, 2, 3))
    blobs.path(lost.sha256).unlink()
    os.truncate(blobs.path(cut.sha256), 100)

    found = unpacked(blobs, lost, cut, whole)

    assert [name.split("/", 2)[1:] for name in found.namelist()] == [
        ["20261124T090000Z-1", "MISSING.txt"],
        ["20261124T090000Z-2", "MISSING.txt"],
        ["20261124T090000Z-3", "x.ipynb"],
    ]


def test_a_hundred_megabytes_go_through_little_memory(blobs: BlobStore) -> None:
    data = os.urandom(20_000_000)
    rows = [handed(blobs, n, {"big.bin": data, "n": b"%d" % n}) for n in range(5)]
    del data
    tracemalloc.start()
    sent, most = 0, 0
    for piece in archive.stream(rows, blobs, LIMITS):
        sent += len(piece)
        most = max(most, len(piece))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sent > 100_000_000
    assert most < 2_000_000
    assert peak < 8_000_000
