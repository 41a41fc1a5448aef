"""The service's database: one engine, sessions and transactions.

SQLite in WAL mode with `synchronous=FULL` by default (a commit is on disk when it returns), PostgreSQL
by URL. Every feature's `store` puts its tables on `METADATA`; `migrations/` holds their history.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    MetaData,
    String,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import OperationalError

from bitgoeul.errors import InputError, ServiceBusy, shorten
from bitgoeul.wire import moment, stamp

_log = logging.getLogger(__name__)
METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
_REMOTE_FILESYSTEMS = {"nfs", "nfs4", "9p", "cifs", "smb3", "fuse.sshfs", "ceph", "glusterfs"}


class Moment(TypeDecorator[datetime]):
    """An aware datetime kept as the text that `wire.stamp` writes: the same in SQLite and PostgreSQL, and in order."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write the moment as text."""
        return None if value is None else stamp(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read the text back."""
        return None if value is None else moment(value)


class Json(TypeDecorator[Any]):
    """Small structured values, kept as sorted JSON text."""

    impl = Text()
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the value as text."""
        return None if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the text back."""
        return None if value is None else json.loads(value)


class Database:
    """An open database. Safe to share between threads; a connection is not."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_pre_ping": True, "pool_size": 20, "max_overflow": 20}
        if self.sqlite:
            refuse_remote_disk(Path(str(self.url.database)).parent)
            options = {"connect_args": {"timeout": 12, "check_same_thread": False}}
        self.engine: Engine = create_engine(self.url, **options)
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_immediate_when_writing)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads: it sees one moment and never waits for a writer.

        A database that does not answer (a server that restarts) is told as `ServiceBusy`.
        """
        try:
            with self.engine.connect() as connection, connection.begin():
                yield connection
        except OperationalError as error:
            _log.error("the database does not answer: %s", error)
            raise busy() from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write; durable when the block ends, undone when it raises."""
        with self.engine.connect().execution_options(bitgoeul_writes=True) as connection, connection.begin():
            yield connection

    def now(self) -> datetime:
        """The database's clock, aware, in UTC: the one clock that decides deadlines."""
        if self.sqlite:  # the same machine, hence the same clock, without a round trip
            return datetime.now(UTC)
        with self.reading() as connection:
            found = connection.execute(text("select clock_timestamp()")).scalar_one()
        return found.astimezone(UTC)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def busy() -> ServiceBusy:
    """The one sentence for a database that does not answer for a moment."""
    return ServiceBusy(
        ko="데이터베이스가 잠시 응답하지 않아 저장하지 못했습니다. 잠시 뒤에 다시 시도하세요.",
        en="The database does not answer at the moment, so nothing was stored. Try again shortly.",
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=12000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate_when_writing(connection: Connection) -> None:
    # A deferred transaction that reads first and writes later fails at once with "database is locked"
    # instead of waiting: writers say so at their beginning.
    writes = connection.get_execution_options().get("bitgoeul_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def refuse_remote_disk(folder: Path) -> None:
    """Raise `InputError` when the folder lies on a network disk, where SQLite's WAL is not safe."""
    kind = _filesystem(folder)
    if kind in _REMOTE_FILESYSTEMS:
        raise InputError(
            ko=f"SQLite는 로컬 디스크에만 둘 수 있는데 {shorten(str(folder))}은(는) {kind}입니다. 로컬 폴더나 PostgreSQL을 쓰세요.",
            en=f"SQLite needs a local disk; {shorten(str(folder))} is on {kind}. Use a local folder or PostgreSQL.",
        )


def _filesystem(folder: Path) -> str:
    best, kind = "", ""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    target = os.path.realpath(folder)
    for line in mounts:
        _, point, found, *_ = line.split(" ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind
