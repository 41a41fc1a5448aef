"""Who belongs to the academy at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import NotAllowed
from bitgoeul.names import CohortName, UserName
from bitgoeul.people import rules
from bitgoeul.people.rules import Enrolment, Member, require_entry, roll, user_name
from bitgoeul.settings import Bilingual, Person, Settings

MARCH, JUNE = date(2027, 3, 2), date(2027, 6, 30)


def person(user: str, role: str = "student", account: str = "") -> Person:
    return Person(user=UserName(user), name=Bilingual(ko=user, en=user), role=role, account=account)


def academy(**cohort) -> Settings:
    one = {"title": {"ko": "일", "en": "One"}, "courses": ["ml"], **cohort}
    people = [person("boss", "operator"), person("minji"), person("seoyeon", "instructor")]
    return Settings.model_validate({"people": people, "cohorts": {"one": one}})


def enrolled(user: str, part="student", starts=None, ends=None, source="import") -> Enrolment:
    return Enrolment(UserName(user), CohortName("one"), part, starts, ends, source)


def at(day: date, hour: int = 12) -> datetime:
    """A moment of Seoul's day, given in UTC as the database does."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=Settings().zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(MARCH - timedelta(days=1), 23), False),
        (at(MARCH, 0), True),
        (at(JUNE, 23), True),
        (at(JUNE + timedelta(days=1), 0), False),
    ],
)
def test_days_begin_and_end_at_midnight_in_the_academys_zone(moment: datetime, there: bool) -> None:
    found = roll(academy(), [Member(person("kim"))], [enrolled("kim", starts=MARCH, ends=JUNE)], moment)

    assert ("kim" in found.settings.cohorts["one"].students) is there
    assert (found.groups("kim") == {"cohort-one", "nbgrader-ml"}) is there


def test_a_cohorts_days_bind_its_students_and_let_staff_prepare() -> None:
    settings = academy(starts=MARCH, ends=JUNE, students=["minji"], staff=["seoyeon"])
    before = roll(settings, [], [], at(MARCH - timedelta(days=20)))

    assert before.groups("minji") == set()
    assert before.groups("seoyeon") == {"cohort-one", "formgrade-ml"}


def test_the_narrower_of_two_windows_counts() -> None:
    settings = academy(starts=MARCH, ends=JUNE)
    wide = enrolled("kim", starts=MARCH - timedelta(days=90), ends=JUNE + timedelta(days=90))

    assert rules.days(wide, settings) == (MARCH, JUNE)


def test_a_stranger_is_refused_and_says_who_he_is() -> None:
    with pytest.raises(NotAllowed, match="'nobody' is not in it"):
        require_entry(roll(academy(), [], [], at(MARCH)), "nobody")


def test_who_comes_too_early_is_told_when_to_come() -> None:
    found = roll(academy(), [Member(person("kim"))], [enrolled("kim", starts=JUNE)], at(MARCH))

    with pytest.raises(NotAllowed) as refused:
        require_entry(found, "kim")
    assert "2027-06-30에 시작합니다" in refused.value.text.ko
    assert "begins on 2027-06-30" in refused.value.text.en


def test_who_comes_too_late_is_told_when_it_ended() -> None:
    found = roll(academy(), [Member(person("kim"))], [enrolled("kim", ends=MARCH)], at(JUNE))

    with pytest.raises(NotAllowed, match="ended on 2027-03-02"):
        require_entry(found, "kim")


@pytest.mark.parametrize("user", ["boss", "minji"])
def test_operators_and_people_without_a_cohort_come_in_at_any_time(user: str) -> None:
    require_entry(roll(academy(starts=JUNE, students=[]), [], [enrolled("boss", starts=JUNE)], at(MARCH)), user)


def test_what_the_settings_say_of_a_person_wins() -> None:
    found = roll(academy(), [Member(person("minji", "instructor"))], [], at(MARCH))

    assert [p.role for p in found.settings.people if p.user == "minji"] == ["student"]


def test_whom_only_claims_made_known_is_gone_with_the_last_claim() -> None:
    ada = Member(person("oidc-ada", account="oidc-ada"), "claims")

    assert roll(academy(), [ada], [enrolled("oidc-ada", source="claims")], at(MARCH)).owner("oidc-ada") == "oidc-ada"
    assert roll(academy(), [ada], [], at(MARCH)).owner("oidc-ada") is None


def test_an_account_belongs_to_whom_the_roster_gives_it() -> None:
    found = roll(academy(), [Member(person("kim", account="kakao-7")), Member(person("kakao-8"))], [], at(MARCH))

    assert found.owner("kakao-7") == "kim"
    assert found.owner("kakao-8") == "kakao-8"
    assert found.owner("kakao-9") is None


def test_a_name_that_looks_like_somebody_elses_account_is_not_his() -> None:
    found = roll(academy(), [Member(person("kakao-8", account="kakao-7"))], [], at(MARCH))

    assert found.owner("kakao-8") is None


def test_capital_letters_make_another_person() -> None:
    found = roll(academy(), [Member(person("oidc-ada"))], [], at(MARCH))

    assert found.owner("oidc-ada") == "oidc-ada"
    assert found.owner("oidc-ADA") is None


@given(st.text(min_size=1, max_size=255), st.text(min_size=1, max_size=255))
def test_every_account_has_a_user_name_of_its_own(one: str, other: str) -> None:
    names = {user_name(f"oidc-{sub}") for sub in (one, other)}

    assert len(names) == len({one, other})
    assert all(UserName(name) == name == name.lower() for name in names)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["student", "staff"]), st.integers(-9, 9), st.integers(0, 9))
    )
)
def test_nobody_is_in_a_group_outside_his_days(rows) -> None:
    moment = at(MARCH)
    given_days = [enrolled(u, part, MARCH + timedelta(days=n), MARCH + timedelta(days=n + m)) for u, part, n, m in rows]
    found = roll(academy(), [Member(person(u)) for u in "abc"], given_days, moment)
    for user in "abc":
        mine = [e for e in given_days if e.user == user and e.starts <= MARCH <= e.ends]

        assert bool(found.groups(user)) is bool(mine)
