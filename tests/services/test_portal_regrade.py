"""Judging again: what would change shows first, is applied or dropped by one click, and leaves a history."""

from __future__ import annotations

import json
import re

import pytest

from bitgoeul import wire
from tests.fakes.academy import LINE, ML, academy, notebook, tar
from tests.fakes.html import faults, read_page

T = f"teach/{ML}/{LINE}"
API = f"/services/bitgoeul/api/courses/{ML}/assignments/{LINE}"


@pytest.fixture
def school(tmp_path):
    """Minji gains by the mended test, Junho loses, Amelia stays."""
    with academy(tmp_path) as found:
        found.release()
        found.submit("minji", notebook("wrong", "wrong", "why"))
        found.submit("junho", notebook("easy", "right", "why"))
        found.submit("amelia", notebook("right", "right", "why"))
        found.judge.mended = {"easy"}
        found.settle()
        found.exchange.grade(found.caller("seoyeon"), ML, LINE)
        found.settle()
        found.judge.written.clear()
        found.judge.mended = {"wrong"}
        found.sign_in("seoyeon")
        yield found
        found.judge.go.set()


def scores(school):
    """What students are told now."""
    found = {}
    for user in ("minji", "junho", "amelia"):
        row = school.exchange.submissions_for(school.caller(user), ML, latest=True)[0]
        found[user] = school.exchange.result_for(school.caller(user), row.id).score
    return found


def preview(school):
    school.post(f"{T}/grade")
    school.settle()
    return read_page(school.get(f"{T}/regrade").text)


def history(school, user="minji"):
    page = read_page(school.get(f"{T}/students/{user}").text)
    table = next(t for t in page.all("table") if "판정 파일" in t.text)
    return table.all("tbody")[0].all("tr")


BEFORE = {"minji": 0.0, "junho": 3.0, "amelia": 3.0}
AFTER = {"minji": 3.0, "junho": 2.0, "amelia": 3.0}


def test_a_preview_tells_who_would_change_by_how_much_and_changes_nothing(school):
    page = preview(school)
    rows = [" ".join(row.text.split()) for row in page.all("tbody")[0].all("tr")]

    assert [row.split()[0] for row in rows] == ["박준호", "김민지"], "whom it takes most from first"
    assert "-1" in rows[0]
    assert "+3" in rows[1]
    assert "모두 합쳐 +2점" in page.text
    assert scores(school) == BEFORE
    assert school.judge.written == []
    assert "미리 채점이 끝났습니다. 적용하면 2명의 점수가 바뀝니다." in school.get(T).text


def test_one_click_applies_it_to_students_and_gradebook(school):
    preview(school)
    answer = school.post(f"{T}/regrade", {"decision": "apply"})
    school.settle()

    assert answer.status_code == 303
    assert scores(school) == AFTER
    assert sorted(school.judge.written) == sorted(AFTER.items())
    assert "기다리는 미리 채점이 없습니다" in school.get(f"{T}/regrade").text
    assert "다시 채점한 점수를 적용했습니다" in school.get(f"teach/{ML}").text


def test_what_is_applied_is_what_was_shown_even_if_the_test_changes_meanwhile(school):
    preview(school)
    school.judge.mended = {"-right"}
    school.post(f"{T}/regrade", {"decision": "apply"})
    school.settle()

    assert scores(school) == AFTER


def test_one_click_drops_it_and_the_history_stays(school):
    preview(school)
    school.post(f"{T}/regrade", {"decision": "drop"})
    rows = [" ".join(row.text.split()) for row in history(school)]

    assert scores(school) == BEFORE
    assert school.judge.written == []
    assert len(rows) == 3
    assert "미리 채점" in rows[0]
    assert "3 / 6" in rows[0]
    assert "지금 점수" in rows[1]
    assert "지난 점수" in rows[2]
    assert school.post(f"{T}/regrade", {"decision": "apply"}).status_code == 404, "what is dropped cannot be applied"


def test_a_second_preview_takes_the_place_of_the_first(school):
    preview(school)
    school.judge.mended = {"easy"}
    page = preview(school)

    assert "아무의 점수도 바뀌지 않습니다" in page.text


def test_a_release_that_is_newer_is_previewed_whoever_asks(school):
    """The API's plain question, too: formgrader and scripts change nobody's score by surprise."""
    school.client.post(f"{API}/releases", content=newer(), headers=school.headers("seoyeon"))
    school.client.post(f"{API}/grade", headers=school.headers("seoyeon"))
    school.settle()
    found = school.client.get(f"{API}/preview", headers=school.headers("seoyeon")).json()

    assert scores(school) == BEFORE
    assert found["version"] == 2
    assert [(change["user"], change["before"], change["after"]) for change in found["changes"]] == [
        ("junho", 3.0, 2.0),
        ("minji", 0.0, 3.0),
    ]
    assert (found["judged"], found["open"], found["sum"]) == (3, 0, 2.0)


def newer() -> bytes:
    return tar({"release/ko/line.ipynb": notebook("", "", "again"), "source/ko/line.ipynb": notebook("", "", "again")})


def test_work_handed_in_since_the_preview_is_left_alone(school):
    preview(school)
    school.submit("minji", notebook("right", "right", "why"))
    school.settle()
    school.post(f"{T}/regrade", {"decision": "apply"})
    school.settle()

    assert scores(school) == {**AFTER, "minji": 3.0}
    assert len(history(school)) == 4


def test_work_that_cannot_be_judged_again_keeps_its_score_and_is_told(school):
    school.judge.broken = True
    page = preview(school)
    school.judge.broken = False
    school.post(f"{T}/regrade", {"decision": "apply"})
    school.settle()

    assert "다시 채점하지 못해 지금 점수가 남는 학생" in page.text
    assert scores(school) == BEFORE


def test_a_preview_is_applied_only_when_all_of_it_is_there(school):
    school.judge.go.clear()
    school.post(f"{T}/grade")
    page = read_page(school.get(f"{T}/regrade").text)
    early = school.post(f"{T}/regrade", {"decision": "apply"})
    school.judge.go.set()
    school.settle()

    assert early.status_code == 409
    assert "새 점수 적용하기" not in page.text
    assert page.all("progress")[0].attributes["max"] == "3"
    assert [s for s in page.all("section") if "data-busy" in s.attributes]


def test_the_live_parts_are_the_same_as_in_the_pages(school):
    preview(school)
    for path in (f"{T}/regrade", T):
        assert school.get(f"{path}/live").text.strip() in school.get(path).text


def test_work_without_a_verdict_is_graded_at_once(tmp_path):
    with academy(tmp_path) as found:
        found.release()
        found.judge.broken = True
        found.submit("minji", notebook("right"))
        found.settle()
        found.judge.broken = False
        found.sign_in("seoyeon")
        found.post(f"{T}/grade")
        found.settle()
        row = found.exchange.submissions_for(found.caller("minji"), ML)[0]

        assert row.state == "graded"


def test_every_verdict_can_be_downloaded_and_read_again(school):
    preview(school)
    (link, *_) = [row.all("a")[0]["href"] for row in history(school)]
    answer = school.client.get(link)
    verdict = wire.read(wire.Verdict, answer.content)

    assert "attachment" in answer.headers["content-disposition"]
    assert verdict.score == 3.0
    assert school.client.get(link.replace(LINE, "02-pipeline")).status_code == 404
    assert school.get(f"{T}/verdicts/999").status_code == 404
    assert json.loads(answer.content)["release_version"] == 1


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_can_be_used_without_seeing_it(school, language):
    preview(school)
    for path in (f"{T}/regrade", f"{T}/students/minji"):
        page = read_page(school.get(path, headers={"Accept-Language": language}).text)

        assert faults(page) == []
        if language == "en":
            assert re.findall(r"[가-힣]+", page.text.replace("한국어", "")) == []
