"""Flagged work: the page that lists it, and the one click that decides."""

from __future__ import annotations

import re

import pytest

from bitgoeul.portal.doubts import doubted
from bitgoeul.wire import CellVerdict, Doubt, Verdict
from tests.fakes.academy import LINE, ML, academy, notebook
from tests.fakes.html import faults, read_page

HERE = f"teach/{ML}/{LINE}/flagged"


@pytest.fixture
def school(tmp_path):
    with academy(tmp_path) as found:
        found.release()
        found.submit("minji", notebook("forge", "right", "why"))
        found.submit("junho", notebook("right", "canary", "why"))
        found.submit("amelia", notebook("cheat", "right", "why"))
        found.settle()
        found.sign_in("seoyeon")
        yield found


def page_of(school, language="ko"):
    return read_page(school.get(HERE, headers={"Accept-Language": language}).text)


def cases(page):
    return [section for section in page.all("section") if section["class"] == "sheet"]


def press(school, section, words):
    form = next(form for form in section.all("form") if words in form.text)
    fields = {i["name"]: i["value"] for i in form.all("input")}
    return school.client.post(form["action"], data=fields)


def test_only_forged_work_waits_for_a_decision_with_both_outcomes_side_by_side(school):
    first, second = cases(page_of(school))

    assert "박준호 · q2" in first.text
    assert "실패해야 하는 시험" in first.text
    assert "김민지 · q1" in second.text
    assert "시험과 그 반대가 모두 통과했습니다" in second.text
    assert [d.text.strip() for d in second.all("dd")] == ["통과", "통과", "1"]


def test_the_assignments_page_counts_what_waits_and_leads_there(school):
    page = read_page(school.get(f"teach/{ML}/{LINE}").text)

    assert "2개 문항의 점수를 사람이 결정해야 합니다" in page.text
    assert [a["href"] for a in page.all("a") if a.text == "결정하기"] == [f"/services/bitgoeul/{HERE}"]


def test_one_click_gives_the_points_and_undo_takes_them_back(school):
    first = press(school, cases(page_of(school))[1], "점수 주기")
    given = dict(school.gradebook.points)
    told = page_of(school)
    note = next(e for e in told.all("div") if e["class"] == "note")
    press(school, note, "되돌리기")
    after = page_of(school)

    assert first.status_code == 303
    assert given == {("minji", "q1"): 1.0}
    assert "점수를 줌" in cases(told)[1].text
    assert "이서연 강사" in cases(told)[1].text
    assert school.gradebook.points == {("minji", "q1"): None}
    assert "점수 주기 (1)" in cases(after)[1].text


def test_rejecting_gives_nothing_and_is_not_asked_again(school):
    press(school, cases(page_of(school))[1], "점수 주지 않기")
    page = page_of(school)
    press(school, cases(page)[1], "되돌리기")

    assert school.gradebook.points == {}
    assert "점수를 주지 않음" in cases(page)[1].text
    assert "점수 주기" in cases(page_of(school))[1].text


def test_points_that_a_person_gave_before_come_back(school):
    school.gradebook.points["minji", "q1"] = 0.5
    for words in ("점수 주기", "되돌리기"):
        press(school, cases(page_of(school))[1], words)

    assert school.gradebook.points == {("minji", "q1"): 0.5}


def test_accepting_twice_forgets_nothing(school):
    """Two members of staff, or one with two windows."""
    school.gradebook.points["minji", "q1"] = 0.5
    section = cases(page_of(school))[1]
    for _ in range(2):
        press(school, section, "점수 주기")
    press(school, cases(page_of(school))[1], "되돌리기")

    assert school.gradebook.points == {("minji", "q1"): 0.5}


def test_every_decision_is_in_the_audit(school):
    section = cases(page_of(school))[1]
    press(school, section, "점수 주기")
    press(school, cases(page_of(school))[1], "되돌리기")
    deeds = [deed for deed in school.app.state.desk.board.deeds(ML) if deed.action in ("accept", "reopen")]

    assert [(deed.actor, deed.action, deed.detail["user"], deed.detail["points"]) for deed in deeds] == [
        ("seoyeon", "reopen", "minji", 1.0),
        ("seoyeon", "accept", "minji", 1.0),
    ]
    assert "표시된 문항에 점수를 주었습니다" in school.get(f"teach/{ML}").text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"decision": "accept", "cell": "q1"},
        {"decision": "double", "cell": "q1", "submission": "{id}"},
        {"decision": "accept", "cell": "q2", "submission": "{id}"},
    ],
)
def test_nothing_is_decided_by_a_made_up_form(school, fields):
    row = school.exchange.submissions_for(school.caller("minji"), ML)[0]
    answer = school.post(HERE, {name: value.format(id=row.id) for name, value in fields.items()})

    assert answer.status_code == 404
    assert school.gradebook.points == {}


def test_a_new_submission_is_decided_anew(school):
    press(school, cases(page_of(school))[1], "점수 주기")
    school.submit("minji", notebook("right", "right", "why"))
    school.settle()

    assert len(cases(page_of(school))) == 1


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_can_be_used_without_seeing_it(school, language):
    press(school, cases(page_of(school))[1], "점수 주지 않기")
    page = page_of(school, language)

    assert faults(page) == []
    if language == "en":
        assert re.findall(r"[가-힣]+", page.text.replace("한국어", "")) == []


def test_a_student_sees_no_doubt(school):
    row = school.exchange.submissions_for(school.caller("minji"), ML)[0]
    result = school.client.get(f"/services/bitgoeul/api/submissions/{row.id}/result", headers=school.headers("minji"))

    assert result.json()["doubts"] == {}
    assert result.json()["flags"] == []


def test_which_flags_need_a_person():
    cells = {"q": CellVerdict(0.0, 2.0, "failed"), "b/q": CellVerdict(1.0, 4.0, "failed")}
    flags = ("complement:q", "b/canary:q", "canary:gone", "locked-cell-edited:q", "kernel-changed")
    doubt = Doubt("passed", "assert 1 == 2", 2.0)
    found = doubted(Verdict(1.0, 6.0, flags, cells, doubts={"q": doubt}))

    assert found == {"q": ("complement", doubt), "b/q": ("canary", Doubt("passed", "passed", 3.0))}
