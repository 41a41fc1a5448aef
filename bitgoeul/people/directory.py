"""The academy's people as they are now: academy.toml and the imported roster, by the database's clock."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Self

from bitgoeul.database import Database, busy
from bitgoeul.errors import ServiceBusy
from bitgoeul.names import CohortName
from bitgoeul.people import rules, store
from bitgoeul.people.rules import Enrolment, Member, Roll
from bitgoeul.settings import Person, Settings

_log = logging.getLogger(__name__)
FRESH_SECONDS = 5.0

Rows = tuple[list[Member], list[Enrolment]]


class Directory:
    """Reads the roll; safe to share between threads. `clock` is the database's unless a test says otherwise."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] | None = None) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._rows: Rows = ([], [])
        self._there = False
        self._version = 0
        self._day: date | None = None
        self._roll: Roll | None = None
        self._read_at = 0.0

    def __deepcopy__(self, _memo: object) -> Self:
        """Stay the one that it is: traitlets copies what it is configured with, and a lock cannot be copied."""
        return self

    def read(self) -> Roll:
        """Give the roll of this moment. While the database does not answer, the last rows go on: nobody is thrown out.

        What is asked each time is one number and the clock: the roll itself is made again when the rows or the day change.
        """
        with self._lock:
            rows, version = self._rows, self._version
            try:
                now, rows, version = self._stored()
            except ServiceBusy:
                _log.warning("the roster cannot be read; the last one goes on")
                now = self._clock() if self._clock else datetime.now(tz=self.settings.zone)
            day = now.astimezone(self.settings.zone).date()
            if self._roll is None or (version, day) != (self._version, self._day):
                self._roll = rules.roll(self.settings, *rows, now)
            self._rows, self._version, self._day, self._read_at = rows, version, day, time.monotonic()
            return self._roll

    def stored(self) -> Rows:
        """Give the imported rows, and none where there is no database yet; raise `ServiceBusy` if it does not answer."""
        with self._lock:
            return self._stored()[1]

    def recent(self) -> Roll:
        """Give a roll that is a few seconds old at most: for names on pages."""
        found = self._roll
        return found if found and time.monotonic() - self._read_at < FRESH_SECONDS else self.read()

    def people(self) -> Settings:
        """Give the settings with everybody in them, as `recent` has them."""
        return self.recent().settings

    def claim(self, person: Person, cohorts: Iterable[CohortName], *, known: bool) -> None:
        """Keep what the provider's claims say of a person; raise `ServiceBusy` where they cannot be kept."""
        database = self._open()
        if database is None:
            raise busy()
        with database.reading() as connection:
            if not store.is_there(connection):
                raise busy()
        with database.writing() as connection:
            store.claim(connection, person, cohorts, known=known)

    def close(self) -> None:
        """Close the database."""
        if self._database:
            self._database.close()

    def _open(self) -> Database | None:
        """Open the database; none where the service has not made its file yet, which we would only make empty."""
        if self._database is None:
            url = self.settings.database_url
            if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).is_file():
                return None
            self._database = Database(url)
        return self._database

    def _stored(self) -> tuple[datetime, Rows, int]:
        """Give the time, and the rows with their version; the rows are read only if the version is another one."""
        database = self._open()
        if database is None:
            return self._clock() if self._clock else datetime.now(tz=self.settings.zone), ([], []), 0
        now = self._clock() if self._clock else database.now()
        with database.reading() as connection:
            self._there = self._there or store.is_there(connection)
            version = store.version(connection) if self._there else 0
            if version in (0, self._version):
                return now, self._rows, version
            return now, store.read(connection), version
