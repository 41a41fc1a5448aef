"""The portal's pages as people see them, on the real service with a fake Hub and a judge that reads words."""

from __future__ import annotations

import pytest

from tests.fakes.academy import LINE, ML, PIPE, academy, notebook


@pytest.fixture
def school(tmp_path):
    with academy(tmp_path) as found:
        yield found


def test_a_student_sees_what_is_due_and_in_how_long(school):
    school.release()
    school.sign_in("minji")
    page = school.get("")

    assert page.status_code == 200
    assert "맨바닥에서 만드는 회귀" in page.text
    assert "일 남음" in page.text
