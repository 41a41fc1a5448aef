"""SQLite is durable and its writers wait for each other; a network disk is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bitgoeul import database
from bitgoeul.database import Database
from bitgoeul.errors import InputError


@pytest.fixture
def db(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with opened.writing() as connection:
        connection.execute(text("create table t (n integer)"))
        connection.execute(text("insert into t values (0)"))
    yield opened
    opened.close()


def test_a_commit_is_on_disk_when_it_returns(db: Database) -> None:
    with db.reading() as connection:
        found = [
            connection.execute(text(f"pragma {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert found == ["wal", 2, 1]


def test_a_block_that_raises_undoes_its_writes(db: Database) -> None:
    def fail() -> None:
        with db.writing() as connection:
            connection.execute(text("update t set n = 7"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with db.reading() as connection:
        assert connection.execute(text("select n from t")).scalar_one() == 0


def test_eight_writers_that_read_first_lose_no_update(db: Database) -> None:
    def add() -> None:
        for _ in range(10):
            with db.writing() as connection:
                n = connection.execute(text("select n from t")).scalar_one()
                connection.execute(text("update t set n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with db.reading() as connection:
        assert connection.execute(text("select n from t")).scalar_one() == 80


def test_a_reader_sees_one_moment(db: Database) -> None:
    with db.reading() as reader:
        before = reader.execute(text("select n from t")).scalar_one()
        with db.writing() as writer:
            writer.execute(text("update t set n = 9"))
        after = reader.execute(text("select n from t")).scalar_one()

    assert before == after == 0


def test_the_clock_is_aware_and_now(db: Database) -> None:
    assert abs((db.now() - datetime.now(UTC)).total_seconds()) < 5


def test_a_network_disk_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_filesystem", lambda _folder: "nfs4")

    with pytest.raises(InputError, match="nfs4"):
        Database(f"sqlite:///{tmp_path / 'a.sqlite'}")


def test_the_filesystem_of_a_folder_is_read_from_the_mounts() -> None:
    assert database._filesystem(Path("/proc/self")) == "proc"
