"""The report of similar work as a course's staff see it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bitgoeul.names import UserName
from tests.fakes.academy import LINE, ML, academy
from tests.fakes.alike import handed_in
from tests.fakes.html import faults, read_page

HERE = f"teach/{ML}/{LINE}"
PAGES = [f"{HERE}/similar", f"{HERE}/similar/minji/junho"]


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    with academy(tmp_path_factory.mktemp("alike")) as found:
        handed_in(found)
        yield found


def page_of(school, path, language="ko", user="seoyeon"):
    school.sign_in(user)
    return school.get(path, headers={"Accept-Language": language})


def test_the_pair_that_differs_in_names_only_is_told_and_the_third_is_not(school):
    page_of(school, HERE)
    report = school.get(f"{HERE}/similar.json").json()
    (pair,) = report["pairs"]

    assert (pair["left"], pair["right"]) == ("junho", "minji")
    assert 0.5 < pair["similarity"] < 1.0
    assert [part["elsewhere"] for part in pair["parts"]] == [0, 0]
    assert report["compared"] == 3


def test_the_matching_parts_stand_side_by_side_under_one_number(school):
    page = read_page(page_of(school, f"{HERE}/similar/minji/junho").text)
    sides = [element for element in page.all("div") if element["class"] == "listing"]
    marked = [
        {
            tag["href"]: stretch.all("pre")[1].text
            for stretch in side.all("div")
            if "match" in stretch["class"]
            for tag in stretch.all("a")
        }
        for side in sides
    ]

    assert [side["aria-label"] for side in sides] == ["박준호", "김민지"]
    assert list(marked[0]) == ["#right-1", "#right-2"]
    assert list(marked[1]) == ["#left-1", "#left-2"]
    assert "range(50)" in marked[0]["#right-1"]
    assert "range(1000)" in marked[1]["#left-1"]
    assert "model[1]" in marked[1]["#left-2"]
    assert {tag["id"] for tag in page.all("a")} >= {"left-1", "left-2", "right-1", "right-2"}
    assert "rows.pop()" not in "".join(marked[0].values())


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_the_pages_say_that_they_accuse_nobody_and_can_be_used_without_seeing_them(school, path, language):
    answer = page_of(school, path, language)
    page = read_page(answer.text)

    assert answer.status_code == 200
    assert faults(page) == []
    assert ("누구도 탓하지 않으며" if language == "ko" else "accuses nobody and changes no grade") in page.text
    if language == "en":
        assert re.findall(r"[가-힣]+", page.text.replace("한국어", "")) == []


def test_two_who_are_not_alike_have_no_page(school):
    assert page_of(school, f"{HERE}/similar/minji/amelia").status_code == 404


@pytest.mark.parametrize("due", [timedelta(hours=1), None])
def test_before_the_due_date_or_without_one_nothing_is_compared(tmp_path, due):
    with academy(tmp_path) as early:
        handed_in(early, due=timedelta(hours=1))
        if due is None:
            early.exchange.set_due(early.caller("seoyeon"), ML, LINE, None)
        answers = [page_of(early, path) for path in [*PAGES, f"{HERE}/similar.json"]]
        page = page_of(early, HERE).text

    assert [answer.status_code for answer in answers] == [409] * 3
    assert "마감이 지난 뒤에" in answers[0].text
    assert f"{HERE}/similar" not in page


def test_who_has_more_time_is_left_out(tmp_path):
    with academy(tmp_path) as early:
        handed_in(early)
        later = datetime.now(UTC) + timedelta(days=1)
        early.exchange.set_extension(early.caller("seoyeon"), ML, LINE, UserName("junho"), later)
        page_of(early, HERE)
        report = early.get(f"{HERE}/similar.json").json()

    assert report["pairs"] == []
    assert report["compared"] == 2


def test_a_new_submission_is_compared_anew(tmp_path):
    with academy(tmp_path) as found:
        handed_in(found)
        page_of(found, HERE)
        before = found.get(f"{HERE}/similar.json").json()
        found.submit("junho", b"{}")
        after = found.get(f"{HERE}/similar.json").json()

    assert len(before["pairs"]) == 1
    assert after["pairs"] == []
    assert after["small"] == ["junho"]
