"""The roster as Hub groups."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.names import staff_group, student_group
from bitgoeul.people.roster import courses, display_name, hub_groups, operators, staff, students
from bitgoeul.settings import Settings

USERS = [f"user{n}" for n in range(8)]
COURSES = ["machine-learning", "ai-and-data", "statistics"]


@st.composite
def settings(draw):
    def cohort(members):
        cut = draw(st.integers(0, len(members)))
        taken = draw(st.lists(st.sampled_from(COURSES), unique=True))
        title = {"ko": "기수", "en": "cohort"}
        return {"title": title, "courses": taken, "students": members[:cut], "staff": members[cut:]}

    some = st.lists(st.sampled_from(USERS), unique=True)
    cohorts = {f"c{n}": cohort(draw(some)) for n in range(draw(st.integers(0, 4)))}
    roles = st.sampled_from(["student", "instructor", "teacher", "operator"])
    people = [{"user": user, "name": {"ko": f"{user} 님", "en": user.title()}, "role": draw(roles)} for user in USERS]
    return Settings.model_validate({"people": people, "cohorts": cohorts})


@given(settings())
def test_everybody_is_in_his_cohorts_group_and_in_each_courses_one_group(found):
    groups = hub_groups(found)
    for name, cohort in found.cohorts.items():
        assert set(groups[f"cohort-{name}"]) == {*cohort.students, *cohort.staff}
        for course in cohort.courses:
            assert set(cohort.students) <= {*groups[student_group(course)], *groups[staff_group(course)]}
            assert set(cohort.staff) <= set(groups[staff_group(course)])


@given(settings())
def test_nobody_is_student_and_staff_of_one_course(found):
    for course in courses(found):
        assert not set(students(found, course)) & set(staff(found, course))


@given(settings())
def test_nobody_is_in_a_group_of_a_course_that_none_of_his_cohorts_takes(found):
    for course in courses(found):
        entitled = {u for c in found.cohorts.values() if course in c.courses for u in (*c.students, *c.staff)}

        assert {*students(found, course), *staff(found, course)} <= entitled


@given(settings())
def test_groups_come_sorted_so_that_the_hubs_settings_are_the_same_at_each_start(found):
    groups = hub_groups(found)

    assert list(groups) == sorted(groups)
    assert all(users == sorted(users) for users in groups.values())


@given(settings())
def test_operators_are_those_whom_the_roster_calls_so(found):
    assert operators(found) == tuple(sorted(p.user for p in found.people if p.role == "operator"))


@given(settings(), st.sampled_from([*USERS, "stranger"]))
def test_people_are_shown_by_name_and_strangers_by_key(found, user):
    known = found.person(user)

    assert display_name(found, user, "ko") == (known.name.ko if known else user)
    assert display_name(found, user, "en") == (known.name.en if known else user)
