"""The Hub's own tables, corrected after the roster."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jupyterhub import orm, roles

from bitgoeul.hub import groups
from bitgoeul.people.directory import Directory
from bitgoeul.settings import Settings


@pytest.fixture
def db() -> Any:
    session = orm.new_session_factory("sqlite:///:memory:")()
    for role in roles.get_default_roles():
        roles.create_role(session, role)
    yield session
    session.close()
    session.get_bind().dispose()


def members(db: Any) -> dict[str, list[str]]:
    return {group.name: sorted(user.name for user in group.users) for group in db.query(orm.Group)}


def test_the_rosters_groups_hold_the_rosters_people_and_an_operators_own_group_stays(db: Any) -> None:
    kim = orm.User(name="kim")
    db.add_all([kim, orm.Group(name="chess-club", users=[kim]), orm.Group(name="cohort-old", users=[kim])])
    db.commit()
    groups.set_all(db, {"cohort-one": ["kim", "lee"], "nbgrader-ml": ["lee"]})

    assert members(db) == {
        "chess-club": ["kim"],
        "cohort-old": [],
        "cohort-one": ["kim", "lee"],
        "nbgrader-ml": ["lee"],
    }
    assert [role.name for role in orm.User.find(db, "lee").roles] == ["user"]


def test_who_is_put_by_hand_into_a_course_is_out_again(db: Any) -> None:
    groups.set_all(db, {"formgrade-ml": ["seoyeon"]})
    staff = orm.Group.find(db, "formgrade-ml")
    staff.users.append(orm.User(name="intruder"))
    db.commit()
    groups.set_all(db, {"formgrade-ml": ["seoyeon"]})

    assert members(db) == {"formgrade-ml": ["seoyeon"]}


def test_one_person_is_put_right_before_he_has_a_session(db: Any, tmp_path: Path) -> None:
    people = [{"user": user, "name": {"ko": user, "en": user}, "role": "student"} for user in ("kim", "lee")]
    one = {"title": {"ko": "일", "en": "One"}, "courses": ["ml"], "students": ["kim"]}
    settings = Settings.model_validate({"academy": {"state": tmp_path}, "people": people, "cohorts": {"one": one}})
    directory = Directory(settings, clock=lambda: datetime(2027, 3, 2, tzinfo=UTC))
    groups.set_all(db, {"cohort-one": ["lee"], "formgrade-ml": ["kim", "lee"]})
    groups.of_one(db, directory, "kim")

    assert members(db) == {"cohort-one": ["kim", "lee"], "formgrade-ml": ["lee"], "nbgrader-ml": ["kim"]}
