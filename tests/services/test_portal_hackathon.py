"""The hackathon's pages as people see them, on the real service with a fake Hub and a clock that tests move."""

from __future__ import annotations

import pytest

from tests.fakes.contest import contest


@pytest.fixture
def world(tmp_path):
    with contest(tmp_path) as found:
        yield found


def page(world, user, path, language="ko"):
    world.school.sign_in(user)
    return world.school.get(path, headers={"Accept-Language": language})


def test_the_way_to_hackathons_shows_once_one_is_open_and_to_operators_always(world):
    way = '<a href="/services/bitgoeul/hackathons"'
    assert way not in page(world, "minji", "").text
    assert way in page(world, "jiho", "").text
    world.open()

    assert way in page(world, "minji", "").text


def test_the_list_says_what_is_on_and_until_when(world):
    world.open()
    there = page(world, "minji", "hackathons").text

    assert "진행 중" in there
    assert "마감까지 12시간" in there
    world.move(days=1)

    assert "마감까지" not in page(world, "minji", "hackathons").text
