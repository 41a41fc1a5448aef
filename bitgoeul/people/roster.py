"""Who is who: the settings' roster and cohorts as the Hub's groups. Pure functions."""

from __future__ import annotations

from collections import defaultdict

from bitgoeul.names import CourseName, UserName, cohort_group, staff_group, student_group
from bitgoeul.settings import Language, Settings


def hub_groups(settings: Settings) -> dict[str, list[UserName]]:
    """Every Hub group and its members, sorted: `cohort-*`, and for each course nbgrader's own two.

    A course that two cohorts take is one course: its groups hold the people of both. Who teaches a
    course in one cohort and takes it in another counts as staff only, because staff see hidden tests.
    """
    groups: defaultdict[str, set[UserName]] = defaultdict(set)
    for name, cohort in settings.cohorts.items():
        groups[cohort_group(name)] |= {*cohort.students, *cohort.staff}
        for course in cohort.courses:
            groups[student_group(course)] |= set(cohort.students)
            groups[staff_group(course)] |= set(cohort.staff)
    for course in courses(settings):
        groups[student_group(course)] -= groups[staff_group(course)]
    return {group: sorted(users) for group, users in sorted(groups.items())}


def courses(settings: Settings) -> tuple[CourseName, ...]:
    """Every course that some cohort takes, in alphabetical order."""
    return tuple(sorted({course for cohort in settings.cohorts.values() for course in cohort.courses}))


def students(settings: Settings, course: CourseName) -> tuple[UserName, ...]:
    """The students of a course, in alphabetical order of their keys."""
    return tuple(hub_groups(settings).get(student_group(course), ()))


def staff(settings: Settings, course: CourseName) -> tuple[UserName, ...]:
    """The staff of a course, in alphabetical order of their keys."""
    return tuple(hub_groups(settings).get(staff_group(course), ()))


def operators(settings: Settings) -> tuple[UserName, ...]:
    """The people who become admins of the Hub."""
    return tuple(sorted(person.user for person in settings.people if person.role == "operator"))


def display_name(settings: Settings, user: str, language: Language) -> str:
    """The name that people see; the key itself for somebody whom the roster does not know."""
    person = settings.person(user)
    return person.name.text.pick(language) if person else user
