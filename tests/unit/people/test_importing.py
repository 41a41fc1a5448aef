"""A roster file: how it is read, everything wrong with it at once, and what it would change."""

from __future__ import annotations

import contextlib
import io
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bitgoeul.database import Database
from bitgoeul.errors import RosterError
from bitgoeul.migrations import migrate
from bitgoeul.people import importing, reading, store
from bitgoeul.people.importing import Plan
from bitgoeul.settings import Settings
from tests.services import needs, postgres

KOREAN = "아이디,이름,계정,기수,시작일,종료일\nkim,김하나,kakao-31,일기,2027. 3. 2.,2027-12-31\nlee,이두리,,,,\n"
SETTINGS = Settings.model_validate(
    {
        "people": [{"user": "boss", "name": {"ko": "장", "en": "Boss"}, "role": "operator", "account": "kakao-1"}],
        "cohorts": {"one": {"title": {"ko": "일기", "en": "One"}}, "two": {"title": {"ko": "이기", "en": "Two"}}},
    }
)


def write(folder: Path, data: bytes, name: str = "roster.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def plan(folder: Path, text: str, stored=((), ())) -> Plan:
    return importing.plan(reading.read(write(folder, text.encode())), SETTINGS, *stored)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(RosterError) as caught:
        plan(folder, text)
    assert all(fault.text.ko != fault.text.en for fault in caught.value.faults)
    return [fault.pick("en").removeprefix("roster.csv:") for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (KOREAN.encode(), "UTF-8"),
        (KOREAN.encode("utf-8-sig"), "UTF-8"),
        (KOREAN.encode("cp949"), "CP949"),
        (KOREAN.replace("\n", "\r\n").replace(",", "\t").encode("cp949"), "CP949"),
        (KOREAN.replace(",", ";").encode(), "UTF-8"),
    ],
)
def test_what_excel_and_others_write_is_read_and_the_encoding_is_told(
    tmp_path: Path, data: bytes, encoding: str
) -> None:
    sheet = reading.read(write(tmp_path, data))
    found = importing.plan(sheet, SETTINGS, [], [])

    assert sheet.encoding == encoding
    assert [(p.user, p.name.ko, p.account) for p in found.added] == [
        ("kim", "김하나", "kakao-31"),
        ("lee", "이두리", ""),
    ]
    (join,) = found.joins
    assert (join.user, join.cohort, join.starts, join.ends) == ("kim", "one", date(2027, 3, 2), date(2027, 12, 31))


def test_a_workbook_is_read_as_its_csv(tmp_path: Path) -> None:
    book = Workbook()
    for row in (
        ["User", "Name", "English name", "Role", "Cohort", "Starts"],
        ["kim", "김하나", "Hana Kim", "강사", "one", datetime(2027, 3, 2)],  # noqa: DTZ001  as Excel keeps days
        [None, None, None, None, None, None],
        [20270001, "이두리", None, None, "One", None],
    ):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    found = importing.plan(reading.read(write(tmp_path, data.getvalue(), "r.xlsx")), SETTINGS, [], [])

    assert [(p.user, p.name.en, p.role) for p in found.added] == [
        ("kim", "Hana Kim", "instructor"),
        ("20270001", "이두리", "student"),
    ]
    assert [(e.user, e.part, e.starts) for e in found.joins] == [
        ("kim", "staff", date(2027, 3, 2)),
        ("20270001", "student", None),
    ]


def test_everything_wrong_is_told_at_once_with_its_row(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "user,name,role,account,cohort,starts,ends,language\n"
        "x y,A,,,,,,\n"
        "kim,,king,kim@example.kr,nine,tomorrow,2027-02-30,fr\n"
        "boss,B,,,,,,\n"
        "lee,L,,kakao-1,one,2027-03-02,2027-03-01,\n"
        "lee,Other,,kakao-1,two,,,\n"
        "park,P,operator,,,2027-03-02,,\n",
    )
    rows = [fault.split(":")[0] for fault in found]

    assert rows == sorted(rows)
    for row, words in [
        ("2", "lower-case letters"), ("3", "the name is empty"), ("3", "found 'king'"), ("3", "E-mail addresses are not used"),
        ("3", "no cohort 'nine'"), ("3", "found 'tomorrow'"), ("3", "found '2027-02-30'"), ("3", "found 'fr'"), ("4", "academy.toml"),
        ("5", "before it starts"), ("5", "is boss's"), ("6", "differ from row 5"), ("7", "Operators stand in academy.toml"),
        ("7", "no cohort"),
    ]:  # fmt: skip
        assert any(fault.startswith(f"{row}:") and words in fault for fault in found), (row, words, found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("user,colour,name\nkim,red,K\n", "'colour' is not known"),
        ("user\nkim\n", "“name” is missing"),
        ("user,name,이름\nkim,K,K\n", "“name” is there twice"),
        ("user,name\n", "not one row"),
        ("", "is missing"),
        ("user,name,cohort\nkim,K,one\nkim,K,one\n", "already, above"),
        ("user,name,account\nkim,K,kakao-5\nlee,L,kakao-5\n", "is kim's"),
    ],
)
def test_a_table_that_will_not_do_is_told(tmp_path: Path, text: str, words: str) -> None:
    assert any(words in fault for fault in faults(tmp_path, text))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"PK\x03\x04 no zip", "아이디".encode("utf-16")])
def test_what_is_no_table_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(RosterError):
        reading.read(write(tmp_path, data))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "roster.csv"
    path.write_bytes(data)
    with contextlib.suppress(RosterError):
        importing.plan(reading.read(path), SETTINGS, [], [])


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'db.sqlite'}")
        migrate(database)
        yield database
        database.close()
        return
    needs.file(postgres.binary("initdb"), "postgresql")
    with postgres.server() as server:
        database = Database(server.url)
        migrate(database)
        yield database
        database.close()


def test_what_was_imported_is_read_back_and_a_second_import_changes_nothing(database, tmp_path: Path) -> None:
    with database.writing() as connection:
        importing.apply(connection, plan(tmp_path, KOREAN))
    with database.reading() as connection:
        again = plan(tmp_path, KOREAN, store.read(connection))
        changed = plan(tmp_path, KOREAN.replace("김하나", "김한나").replace("12-31", "08-31"), store.read(connection))
    with database.writing() as connection:
        importing.apply(connection, changed)
    with database.reading() as connection:
        people, enrolments = store.read(connection)

    assert (again.added, again.changed, again.joins, again.stays) == ((), (), (), 2)
    assert [p.name.ko for p in changed.changed] == ["김한나"]
    assert [member.person.name.ko for member in people] == ["김한나", "이두리"]
    assert [e.ends for e in enrolments] == [date(2027, 8, 31)]


def test_claims_come_and_go_beside_the_imported_enrolments(database, tmp_path: Path) -> None:
    with database.writing() as connection:
        importing.apply(connection, plan(tmp_path, KOREAN))
        kim = store.read(connection)[0][0].person
        store.claim(connection, kim, ["one", "two"], known=True)
        store.claim(connection, kim, ["two"], known=True)
        found = store.read(connection)[1]

    assert {(e.cohort, e.source) for e in found} == {("one", "import"), ("two", "claims")}


def test_who_joins_which_cohort_when_is_told_in_both_languages(tmp_path: Path) -> None:
    lines = importing.told(plan(tmp_path, KOREAN), SETTINGS)

    assert "  kim 김하나 학생 2027-03-02 ~ 2027-12-31" in [line.ko for line in lines]
    assert lines[-1].en == "2 new, 0 changed, 0 as they are."


def test_who_has_no_account_at_the_provider_yet_is_named(tmp_path: Path) -> None:
    login = SETTINGS.login.model_copy(update={"provider": "kakao-plain", "client_id": "x"})
    text = KOREAN + "kakao-9,박세찬,,,,\n"
    lines = importing.told(plan(tmp_path, text), SETTINGS.model_copy(update={"login": login}))

    assert "1 cannot sign in yet, without an account: lee" in [line.en for line in lines]
    assert not [line for line in importing.told(plan(tmp_path, text), SETTINGS) if "cannot" in line.en]
