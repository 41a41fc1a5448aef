"""The same files make the same bytes; nothing but regular files travels, and nothing lands outside."""

from __future__ import annotations

import io
import os
import tarfile
import unicodedata
from pathlib import Path

import pytest

from bitgoeul.errors import InputError, Text
from bitgoeul.lab.bundle import Partial, Rules, digest, files_of, pack, unpack, write_whole


def put(folder: Path, name: str, text: str = "x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def packed(folder: Path) -> bytes:
    out = io.BytesIO()
    pack(files_of(folder, Rules()), out)
    return out.getvalue()


def test_the_same_files_make_the_same_bytes_whenever_and_by_whomever_they_were_made(tmp_path: Path) -> None:
    for name in ("한글 과제.ipynb", "data/a.csv", "b.py"):
        put(tmp_path / "one", name, name)
    for name in ("b.py", "data/a.csv", "한글 과제.ipynb"):
        path = put(tmp_path / "two", name, name)
        os.utime(path, (1, 1))
        path.chmod(0o600)

    assert packed(tmp_path / "one") == packed(tmp_path / "two")


def test_a_decomposed_korean_name_travels_composed(tmp_path: Path) -> None:
    put(tmp_path, unicodedata.normalize("NFD", "과제.ipynb"))

    assert list(files_of(tmp_path, Rules())) == [unicodedata.normalize("NFC", "과제.ipynb")]


def test_the_digest_is_the_one_of_the_bytes(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "text")
    out = io.BytesIO()
    told = pack(files_of(tmp_path, Rules()), out)

    assert told == digest(files_of(tmp_path, Rules()))
    assert told.size == len(out.getvalue())


def test_what_nbgrader_ignores_stays_at_home(tmp_path: Path) -> None:
    for name in (
        "a.ipynb",
        ".ipynb_checkpoints/a.ipynb",
        "__pycache__/m.pyc",
        "m.pyc",
        "feedback/t/a.html",
        "sub/b.txt",
    ):
        put(tmp_path, name)

    assert list(files_of(tmp_path, Rules())) == ["a.ipynb", "sub/b.txt"]


def test_only_files_that_are_included_and_small_enough_travel(tmp_path: Path) -> None:
    put(tmp_path, "small.txt", "x" * 10)
    put(tmp_path, "large.txt", "x" * 11)
    put(tmp_path, "small.bin", "x")
    told: list[Text] = []

    found = files_of(tmp_path, Rules(include=("*.txt",), max_file_bytes=10), told.append)

    assert list(found) == ["small.txt"]
    assert [text.en for text in told] == ["Left out, as it is too large: large.txt"]


def test_pipes_and_linked_folders_are_left_out_and_told(tmp_path: Path) -> None:
    put(tmp_path / "outside", "secret.txt")
    work = tmp_path / "work"
    put(work, "a.txt")
    os.mkfifo(work / "pipe")
    (work / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    (work / "broken").symlink_to(tmp_path / "nowhere")
    told: list[Text] = []

    assert list(files_of(work, Rules(), told.append)) == ["a.txt"]
    assert len(told) == 3


def test_a_tar_comes_back_as_the_same_files(tmp_path: Path) -> None:
    put(tmp_path / "work", "과제/한글.ipynb", "내용")
    put(tmp_path / "work", "data/a.csv", "1,2")

    names = unpack(io.BytesIO(packed(tmp_path / "work")), tmp_path / "back")

    assert names == ["data/a.csv", "과제/한글.ipynb"]
    assert (tmp_path / "back" / "과제/한글.ipynb").read_text() == "내용"


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "bad",
    [
        [entry("../out.txt")],
        [entry("/tmp/out.txt")],
        [entry("a/../../out.txt")],
        [entry("link", tarfile.SYMTYPE, "/etc/passwd")],
        [entry("hard", tarfile.LNKTYPE, "a")],
        [entry("pipe", tarfile.FIFOTYPE)],
        [entry("folder", tarfile.DIRTYPE)],
        [entry("twice"), entry("twice")],
        [entry("a\\b")],
    ],
)
def test_a_hostile_tar_is_refused_and_writes_nothing_outside(tmp_path: Path, bad: list[tarfile.TarInfo]) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for info in bad:
            tar.addfile(info)
    out.seek(0)
    (tmp_path / "in").mkdir()

    with pytest.raises(InputError):
        unpack(out, tmp_path / "in")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_cut_off_tar_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "work", "a.bin", "x" * 5000)
    half = packed(tmp_path / "work")[:2000]

    with pytest.raises(InputError):
        unpack(io.BytesIO(half), tmp_path / "back")


def test_a_partial_folder_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    with Partial(tmp_path / "place") as partial:
        put(partial.folder, "a.txt")

    assert list(tmp_path.iterdir()) == []


def test_a_replaced_folder_holds_only_what_is_new(tmp_path: Path) -> None:
    put(tmp_path / "place", "old.txt")
    with Partial(tmp_path / "place") as partial:
        put(partial.folder, "new.txt")
        partial.replace()

    assert [path.name for path in (tmp_path / "place").iterdir()] == ["new.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b.json", b"one")
    write_whole(tmp_path / "a" / "b.json", b"two")

    assert [(path.name, path.read_bytes()) for path in (tmp_path / "a").iterdir()] == [("b.json", b"two")]
