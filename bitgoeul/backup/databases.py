"""One moment of a database, taken while others write to it, and put back into an empty one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect, make_url, text

from bitgoeul.database import Database
from bitgoeul.errors import BitgoeulError


class BackupFailed(BitgoeulError):
    """A program that copies a database, or the database, did not do it."""

    code = "backup-failed"


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's own online backup: one consistent moment, with what stands in the write-ahead log."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)
        there.execute("pragma journal_mode=delete")
    target.chmod(0o600)


def dump(url: str, target: Path) -> None:
    """Write one snapshot of a PostgreSQL database in pg_dump's custom format."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    target.chmod(0o600)


def load(url: str, source: Path) -> None:
    """Put a dump into an empty database, in one transaction."""
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source))


def is_empty(url: str) -> bool:
    """Say whether a PostgreSQL database has no table."""
    database = Database(url)
    try:
        with database.reading() as connection:
            return not inspect(connection).get_table_names()
    finally:
        database.close()


def newest_receipt(database: Database) -> int:
    """Give the sequence of the newest receipt; 0 if there is none yet."""
    with database.reading() as connection:
        if not inspect(connection).has_table("chain_head"):
            return 0
        return int(connection.execute(text("select coalesce(max(sequence), 0) from chain_head")).scalar_one())


def _run(program: str, url: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise BackupFailed(
            ko=f"{program}이(가) 없습니다. `sudo apt install postgresql-client` 뒤에 다시 하십시오.",
            en=f"{program} is missing: `sudo apt install postgresql-client`, then again.",
        )
    found = make_url(url)
    # The password goes by the environment: everybody can read a command line.
    environ = os.environ | ({"PGPASSWORD": str(found.password)} if found.password else {})
    command = [program, f"--dbname={_plain(found)}", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupFailed(
            ko=f"{program}이(가) 끝내지 못했습니다: {done.stderr.strip()[-500:]}",
            en=f"{program} did not come to its end: {done.stderr.strip()[-500:]}",
        )


def _plain(url: URL) -> str:
    shown = url.set(drivername="postgresql")._replace(password=None)
    return shown.render_as_string(hide_password=False)
