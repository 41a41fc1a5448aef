"""Group commit: many wait, one writes, and nobody hears of a success before it is one."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from sqlalchemy import event, text

from bitgoeul.database import Database
from bitgoeul.errors import Conflict, ServiceBusy, StorageFull
from bitgoeul.exchange.writer import Writer


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'db.sqlite'}")
    with database.writing() as connection:
        connection.execute(text("create table notes (n integer primary key)"))
    yield database
    database.close()


@pytest.fixture
def writer(database):
    writer = Writer(database)
    yield writer
    writer.close()


def note(number):
    return lambda connection: connection.execute(text("insert into notes values (:n)"), {"n": number}).rowcount


def notes(database):
    with database.reading() as connection:
        return set(connection.execute(text("select n from notes")).scalars())


def test_what_returned_is_in_the_database(writer, database):
    assert writer.run(note(1)) == 1
    assert notes(database) == {1}


def test_many_writes_share_few_commits(writer, database):
    commits = []
    event.listen(database.engine, "commit", lambda connection: commits.append(1))
    begun = threading.Event()
    writer.submit(lambda connection: begun.wait(5))  # while this one runs, the others queue
    waiting = [writer.submit(note(n)) for n in range(64)]
    begun.set()
    for future in waiting:
        future.result()

    assert notes(database) == set(range(64))
    assert len(commits) <= 3


def test_a_write_that_is_refused_takes_no_other_with_it(writer, database):
    def refuse(connection):
        note(99)(connection)
        raise Conflict(ko="이미 있습니다.", en="It is there already.")

    begun = threading.Event()
    writer.submit(lambda connection: begun.wait(5))
    futures = [writer.submit(note(1)), writer.submit(refuse), writer.submit(note(1)), writer.submit(note(2))]
    begun.set()

    assert futures[0].result() == 1
    with pytest.raises(Conflict):
        futures[1].result()
    assert futures[2].exception() is not None  # the same primary key
    assert futures[3].result() == 1
    assert notes(database) == {1, 2}


def test_when_the_commit_fails_everybody_in_it_hears_so(writer, database, monkeypatch):
    def full(connection):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(database.engine.dialect, "do_commit", full)
    begun = threading.Event()
    first = writer.submit(lambda connection: begun.wait(5))
    second = writer.submit(note(1))
    begun.set()

    for future in (first, second):
        with pytest.raises(StorageFull):
            future.result()
    monkeypatch.undo()
    assert notes(database) == set()
    assert writer.run(note(2)) == 1


def test_a_database_that_another_process_holds_is_told_as_busy(writer, database, tmp_path):
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    other = sqlite3.connect(tmp_path / "db.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    event.listen(database.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA busy_timeout=50"), insert=True)
    with pytest.raises(ServiceBusy):
        writer.run(note(1))
    other.execute("ROLLBACK")
    other.close()

    assert writer.run(note(1)) == 1


def test_what_was_queued_is_written_before_the_end(database):
    writer = Writer(database)
    futures = [writer.submit(note(n)) for n in range(200)]
    writer.close()

    assert all(future.result() == 1 for future in futures)
    assert len(notes(database)) == 200
