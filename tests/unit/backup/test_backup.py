"""A backup holds what was acknowledged, and goes back to an empty place only, as it was."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bitgoeul.backup import rules, saving
from bitgoeul.backup.restoring import restore
from bitgoeul.cli.verify import look
from bitgoeul.errors import InputError, Text
from bitgoeul.settings import Settings, load
from tests.fakes.academy import Academy, academy, notebook

said: list[Text] = []


@pytest.fixture
def open_academy(tmp_path: Path):
    with academy(tmp_path) as found:
        found.release()
        yield found


def empty_place(tmp_path: Path) -> Settings:
    other = tmp_path / "other"
    other.mkdir()
    (other / "academy.toml").write_text((tmp_path / "academy.toml").read_text())
    return load(other / "academy.toml", {})


def test_everything_acknowledged_before_it_began_is_in_it_while_people_go_on_handing_in(
    open_academy: Academy, tmp_path: Path
) -> None:
    before = [open_academy.submit(user, notebook("right", user)) for user in ("minji", "junho", "amelia")]
    over = threading.Event()

    def go_on() -> None:
        count = 0
        while not over.is_set():
            open_academy.submit("minji", notebook("right", str(count)))
            count += 1

    crowd = threading.Thread(target=go_on)
    crowd.start()
    made = saving.save(open_academy.settings, tmp_path / "backups", said.append)
    over.set()
    crowd.join()
    place = empty_place(tmp_path)
    restore(place, made, said.append)
    found = look(place)

    assert found.sound, found.faults
    assert found.submissions >= len(before)
    with closing(sqlite3.connect(place.state / "bitgoeul.sqlite")) as database:
        there = {row[0] for row in database.execute("select sha256 from submissions")}
    assert {receipt["sha256"] for receipt in before} <= there


def test_gradebooks_keys_and_the_hubs_memory_come_along_and_a_machines_run_does_not(
    open_academy: Academy, tmp_path: Path
) -> None:
    state = open_academy.settings.state
    (state / "courses" / "ml").mkdir(parents=True)
    (state / "hub").mkdir(exist_ok=True)
    with closing(sqlite3.connect(state / "courses/ml/gradebook.db")) as book, book:
        book.execute("pragma journal_mode=wal")
        book.execute("create table score (points)")
        book.execute("insert into score values (7)")
        book.commit()
        (state / "hub/cookie-secret").write_text("secret")
        (state / "hub/up.lock").write_text("1")
        made = saving.save(open_academy.settings, tmp_path / "backups", said.append)
    place = empty_place(tmp_path)
    restore(place, made, said.append)

    with closing(sqlite3.connect(place.state / "courses/ml/gradebook.db")) as book:
        assert book.execute("select points from score").fetchall() == [(7,)]
    assert (place.state / "hub/cookie-secret").read_text() == "secret"
    assert not (place.state / "hub/up.lock").exists()
    assert (place.state / "keys/receipt.ed25519").read_bytes() == (state / "keys/receipt.ed25519").read_bytes()


def test_homes_are_left_out_unless_asked_for(open_academy: Academy, tmp_path: Path) -> None:
    home = open_academy.settings.state / "homes" / "minji"
    home.mkdir(parents=True)
    (home / "mine.txt").write_text("mine")
    without = saving.save(open_academy.settings, tmp_path / "one", said.append)
    made = saving.save(open_academy.settings, tmp_path / "two", said.append, homes=True)

    assert not (without / "homes").exists()
    assert (made / "homes/minji/mine.txt").read_text() == "mine"


def test_a_second_backup_links_what_the_first_has(open_academy: Academy, tmp_path: Path) -> None:
    open_academy.submit("minji", notebook("right"))
    first = saving.save(open_academy.settings, tmp_path / "backups", said.append)
    first.rename(older := first.with_name("bitgoeul-20260101T000000Z"))
    second = saving.save(open_academy.settings, tmp_path / "backups", said.append)
    blob = next(path for path in (second / "blobs").rglob("*") if path.is_file())

    assert blob.samefile(older / blob.relative_to(second))


@pytest.mark.parametrize("harm", ["alter", "remove"])
def test_a_damaged_backup_restores_nothing(open_academy: Academy, tmp_path: Path, harm: str) -> None:
    open_academy.submit("minji", notebook("right"))
    made = saving.save(open_academy.settings, tmp_path / "backups", said.append)
    blob = next(path for path in (made / "blobs").rglob("*") if path.is_file())
    blob.unlink() if harm == "remove" else blob.write_bytes(b"other")
    place = empty_place(tmp_path)
    with pytest.raises(InputError, match=blob.name):
        restore(place, made, said.append)

    assert not place.state.exists()


def test_a_place_where_something_lies_is_left_as_it_is(open_academy: Academy, tmp_path: Path) -> None:
    made = saving.save(open_academy.settings, tmp_path / "backups", said.append)
    with pytest.raises(InputError, match=r"bitgoeul\.sqlite"):
        restore(open_academy.settings, made, said.append)


def test_what_is_no_backup_or_leads_outside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="manifest"):
        rules.read(tmp_path)
    bad = rules.Manifest("1", "now", "sqlite", 0, homes=False, files={"../outside": "0"})
    (tmp_path / rules.MANIFEST).write_text(bad.text())
    with pytest.raises(InputError, match="manifest"):
        rules.read(tmp_path)
    assert json.loads(bad.text())["form"] == 1


@pytest.mark.parametrize(("keep", "gone"), [(0, []), (1, ["bitgoeul-1", "bitgoeul-2"]), (2, ["bitgoeul-1"]), (9, [])])
def test_the_newest_backups_stay_and_what_is_half_made_or_foreign_does_not_count(keep: int, gone: list[str]) -> None:
    names = ["bitgoeul-2", "bitgoeul-1", "bitgoeul-3", "photos", "bitgoeul-0.part"]

    assert rules.superfluous(names, keep) == gone
