"""Names are checked once and then safe in paths, URLs and Hub groups."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import InvalidName
from bitgoeul.names import AssignmentName, CohortName, CourseName, TeamName, UserName, staff_group, student_group

KINDS = [AssignmentName, CohortName, CourseName, TeamName, UserName]


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text(max_size=40))
def test_what_is_accepted_is_one_safe_path_segment(kind: type, text: str) -> None:
    try:
        name = kind(text)
    except InvalidName:
        return

    assert PurePosixPath(name).parts == (name,)
    assert ".." not in name
    assert name == text
    assert name.isascii()
    assert len(name) <= kind.longest
    if kind is not AssignmentName:
        assert quote(name, safe="@") == name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/b", "a\\b", "../a", "a\n", "\x00", "аdmin", "a" * 100, "-a", "a ", None, 3]
)
def test_what_could_leave_its_folder_or_fool_an_eye_is_refused(kind: type, text: object) -> None:
    with pytest.raises(InvalidName) as caught:
        kind(text)

    assert kind.noun in caught.value.text.en
    assert kind.noun_ko in caught.value.text.ko


@pytest.mark.parametrize("text", ["ps1", "Problem Set 1", "01-regression", "hw_2.final"])
def test_assignments_of_existing_courses_keep_their_names(text: str) -> None:
    assert AssignmentName(text) == text


def test_groups_are_named_as_nbgrader_names_them() -> None:
    assert student_group(CourseName("ml")) == "nbgrader-ml"
    assert staff_group(CourseName("ml")) == "formgrade-ml"
