"""A blob's name is its content, and half a blob is none."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.blobs import BlobStore
from bitgoeul.errors import NotFound, StorageFull, TooLarge


@given(data=st.binary(max_size=5000))
def test_what_was_put_comes_back_under_its_digest(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    store = BlobStore(tmp_path_factory.mktemp("blobs"))

    name = store.put(data)

    assert name == hashlib.sha256(data).hexdigest()
    assert b"".join(store.chunks(name)) == data
    assert store.put(data) == name
    assert list(store) == [name]
    assert store.sound(name)


def test_a_writer_that_is_left_leaves_nothing(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    with store.writer(limit=100) as writer:
        writer.write(b"half")

    assert list(store) == []
    assert list(store.tmp.iterdir()) == []


def test_past_the_limit_nothing_is_kept(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    with pytest.raises(TooLarge, match="At most 3 bytes"), store.writer(limit=3) as writer:
        writer.write(b"four")

    assert list(store.tmp.iterdir()) == []


def test_left_overs_of_a_crash_go_at_the_next_start(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    (store.tmp / "abc").write_bytes(b"half")

    BlobStore(tmp_path).remove_left_overs()

    assert list(store.tmp.iterdir()) == []


WRITES_SLOWLY = """
import sys
from pathlib import Path
from bitgoeul.blobs import BlobStore
with BlobStore(Path(sys.argv[1])).writer(limit=100) as writer:
    writer.write(b"begun, ")
    print(flush=True)
    sys.stdin.readline()
    writer.write(b"and ended")
    print(writer.keep(), flush=True)
"""


def test_what_another_service_is_writing_stays_when_one_starts_beside_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITES_SLOWLY, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        store = BlobStore(tmp_path)
        (store.tmp / "dead").write_bytes(b"half")
        store.remove_left_overs()
        left = [path.name for path in store.tmp.iterdir()]
        name = other.communicate("go on\n", timeout=20)[0].strip()

    assert len(left) == 1
    assert left != ["dead"]
    assert b"".join(store.chunks(name)) == b"begun, and ended"


def test_what_a_killed_service_was_writing_goes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITES_SLOWLY, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
    store = BlobStore(tmp_path)
    before = len(list(store.tmp.iterdir()))
    store.remove_left_overs()

    assert (before, list(store.tmp.iterdir())) == (1, [])


def test_a_flipped_bit_is_seen(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    name = store.put(b"answer")
    store.path(name).write_bytes(b"answes")

    assert not store.sound(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "G" * 64, "a" * 64])
def test_a_name_that_is_no_digest_or_not_there_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        BlobStore(tmp_path).open(name)


def test_too_little_room_refuses_before_anything_is_written(tmp_path: Path) -> None:
    store = BlobStore(tmp_path, min_free=1 << 60)

    with pytest.raises(StorageFull):
        store.ensure_room(1)


def test_the_reserve_takes_real_space(tmp_path: Path) -> None:
    BlobStore(tmp_path, reserve=1_000_000)

    found = (tmp_path / "reserve").stat()
    assert found.st_size == 1_000_000
    assert found.st_blocks * 512 >= 1_000_000
