"""The roll is asked for at every sign-in, so asking has to be cheap and never old."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bitgoeul.database import Database
from bitgoeul.errors import ServiceBusy
from bitgoeul.migrations import migrate
from bitgoeul.people import store
from bitgoeul.people.directory import Directory
from bitgoeul.people.rules import Enrolment
from bitgoeul.settings import Bilingual, Person, Settings
from tests.services import needs, postgres

DAY = date(2027, 3, 2)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path: Path):
    if request.param == "sqlite":
        yield ""
        return
    needs.file(postgres.binary("initdb"), "postgresql")
    with postgres.server() as server:
        yield server.url


def academy(folder: Path, url: str = "") -> Settings:
    cohorts = {"one": {"title": {"ko": "일", "en": "One"}, "courses": ["ml"]}}
    return Settings.model_validate({"academy": {"state": folder, "database": url}, "cohorts": cohorts})


def kim(name: str = "김") -> Person:
    return Person(user="kim", name=Bilingual(ko=name, en="Kim"), role="student")


def test_a_change_and_the_turn_of_a_day_are_seen_at_once(tmp_path: Path, url: str) -> None:
    settings = academy(tmp_path, url)
    database = Database(settings.database_url)
    migrate(database)
    now = [datetime(2027, 3, 2, 3, tzinfo=UTC)]
    directory = Directory(settings, clock=lambda: now[0])
    empty = directory.read()
    with database.writing() as connection:
        store.save(connection, kim(), "import")
        store.enrol(connection, Enrolment("kim", "one", "student", None, DAY))
    there = directory.read()
    same = directory.read()
    now[0] += timedelta(hours=12)  # midnight in Seoul
    over = directory.read()
    with database.writing() as connection:
        store.save(connection, kim("김하나"), "import")
    renamed = directory.read()
    directory.close()
    database.close()

    assert empty.settings.people == ()
    assert there.groups("kim") == {"cohort-one", "nbgrader-ml"}
    assert same is there, "nothing is read again while nothing changed"
    assert over.groups("kim") == set()
    assert renamed.settings.people[0].name.ko == "김하나"


def test_while_the_database_does_not_answer_the_last_roster_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = academy(tmp_path)
    database = Database(settings.database_url)
    migrate(database)
    with database.writing() as connection:
        store.save(connection, kim(), "import")
    database.close()
    directory = Directory(settings)
    directory.read()

    def away(_connection: object) -> int:
        raise ServiceBusy(ko="바쁨", en="busy")

    monkeypatch.setattr(store, "version", away)
    assert [person.user for person in directory.read().settings.people] == ["kim"]
    monkeypatch.undo()
    assert [person.user for person in directory.read().settings.people] == ["kim"]
    directory.close()


def test_before_the_service_has_made_its_database_only_the_settings_count_and_no_file_is_made(tmp_path: Path) -> None:
    directory = Directory(academy(tmp_path))

    assert directory.read().settings.people == ()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ServiceBusy):
        directory.claim(kim(), [], known=False)


def test_the_hubs_configuration_may_be_copied_with_the_directory_in_it(tmp_path: Path) -> None:
    directory = Directory(academy(tmp_path))

    assert copy.deepcopy({"x": directory})["x"] is directory
