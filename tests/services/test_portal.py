"""The portal's pages as people see them, on the real service with a fake Hub and a judge that reads words."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook

from bitgoeul.names import UserName
from bitgoeul.portal.desk import TEMPLATES
from bitgoeul.portal.marks import Mark
from bitgoeul.web.headers import UNTRUSTED_HTML
from bitgoeul.web.pages import HERE
from tests.fakes.academy import LINE, ML, PEOPLE, PIPE, PREFIX, academy, notebook
from tests.fakes.html import faults, read_page

T = f"teach/{ML}/{LINE}"
FORMULA = '=HYPERLINK("http://x")'
PAGES = [
    ("minji", ""),
    ("haneul", ""),
    ("seoyeon", ""),
    ("jiho", ""),
    ("minji", f"learn/{ML}/{LINE}"),
    ("minji", f"learn/{ML}/{PIPE}"),
    ("junho", f"learn/{ML}/{LINE}"),
    ("amelia", f"learn/{ML}/{LINE}"),
    ("seoyeon", f"teach/{ML}"),
    ("seoyeon", T),
    ("seoyeon", f"teach/{ML}/{PIPE}"),
    ("seoyeon", f"{T}/students/minji"),
    ("seoyeon", f"{T}/students/junho"),
    ("jiho", "operate"),
    ("minji", f"teach/{ML}"),
    ("minji", "nowhere"),
]


@pytest.fixture
def school(tmp_path):
    with academy(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def busy_school(tmp_path_factory):
    """One with everything in it: right, wrong, broken, flagged, late, extended, with feedback."""
    with academy(tmp_path_factory.mktemp("busy")) as found:
        found.release()
        found.release(PIPE)
        staff = found.caller("seoyeon")
        found.submit("minji", notebook("right", "wrong", "why"))
        found.submit("amelia", notebook("right", "cheat", "why"))
        found.submit("junho", notebook("break"))
        found.submit("minji", notebook("right", "wrong"), PIPE)
        found.settle()
        found.exchange.set_due(staff, ML, LINE, datetime.now(UTC) - timedelta(hours=3))
        found.exchange.set_extension(staff, ML, LINE, UserName("amelia"), datetime.now(UTC) + timedelta(days=1))
        found.exchange.release_feedback(staff, ML, LINE)
        found.settle()
        yield found


def signed_in(school, user, path, language="ko"):
    school.sign_in(user)
    return school.get(path, headers={"Accept-Language": language})


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("user", "path"), PAGES)
def test_every_page_can_be_read_and_used_without_seeing_it(busy_school, user, path, language):
    answer = signed_in(busy_school, user, path, language)

    assert answer.status_code in (200, 403, 404)
    assert faults(read_page(answer.text)) == []


@pytest.mark.parametrize(("user", "path"), PAGES)
def test_an_english_page_has_no_korean_in_it(busy_school, user, path):
    page = read_page(signed_in(busy_school, user, path, "en").text)
    spoken = page.text.replace("한국어", "")  # the way to the other language

    assert re.findall(r"[가-힣]+", spoken) == []


def test_no_template_holds_a_word_in_one_language_only():
    """Every text of a template stands in `_(ko, en)` or comes from outside it."""
    untranslated = []
    for template in [*TEMPLATES.rglob("*.html"), *(HERE / "templates").glob("*.html")]:
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", " ", template.read_text(encoding="utf-8"), flags=re.DOTALL)
        words = re.sub(r"<[^>]*>", " ", text)
        attributes = re.findall(r'(?:title|alt|placeholder|aria-label|content)="([^"]*)"', text)
        for part in [words, *attributes]:
            found = set(re.findall(r"[^\W\d_]{2,}", part)) - {
                "SHA",
                "width",
                "device",
                "initial",
                "scale",
                "light",
                "dark",
            }
            untranslated += [(template.name, word) for word in found]

    assert untranslated == []


def test_a_student_sees_what_is_due_and_in_how_long(school):
    school.release()
    due = datetime.now(UTC) + timedelta(days=2, hours=1)
    school.exchange.set_due(school.caller("seoyeon"), ML, LINE, due)
    page = signed_in(school, "minji", "")
    english = signed_in(school, "minji", "", "en")

    assert "맨바닥에서 만드는 회귀" in page.text
    assert "2일 남음" in page.text
    assert "2 days left" in english.text


def test_an_extension_shows_to_the_student_who_has_it_and_to_nobody_else(school):
    school.release()
    staff = school.caller("seoyeon")
    school.exchange.set_extension(staff, ML, LINE, UserName("minji"), datetime(2031, 12, 24, 9, 0, tzinfo=UTC))

    assert "12월 24일 (수) 18:00" in signed_in(school, "minji", f"learn/{ML}/{LINE}").text
    assert "연장" in signed_in(school, "minji", "").text
    assert "연장" not in signed_in(school, "junho", f"learn/{ML}/{LINE}").text


def test_the_one_click_into_the_notebook_goes_by_the_hub_which_starts_the_lab(school):
    school.release()
    page = read_page(signed_in(school, "minji", f"learn/{ML}/{LINE}").text)
    link = next(a for a in page.all("a") if a.text == "노트북 열기")

    assert link["href"] == f"/hub/user-redirect/bitgoeul/open?course={ML}&assignment={LINE}&language=ko"


def test_a_withdrawn_assignment_is_gone_for_students_and_stays_for_staff(school):
    school.release()
    school.sign_in("seoyeon")
    school.post(f"{T}/withdraw")

    assert "맨바닥에서" not in signed_in(school, "minji", "").text
    assert signed_in(school, "minji", f"learn/{ML}/{LINE}").status_code == 404
    assert "숨김" in signed_in(school, "seoyeon", f"teach/{ML}").text


def test_results_show_question_by_question(school):
    school.release()
    school.submit("minji", notebook("right", "wrong", "why"))
    school.settle()
    page = signed_in(school, "minji", f"learn/{ML}/{LINE}").text

    assert "강사 채점 대기" in page
    assert "평균이 맞지 않습니다" in page
    assert read_page(page).all("tbody")[0].text.split()[:4] == ["q1", "맞음", "1", "/"]


def test_what_a_person_gave_and_wrote_shows_once_feedback_is_released_and_not_before(school):
    school.release()
    school.submit("minji", notebook("right", "wrong", "why"))
    school.settle()
    school.marks[ML, LINE, "minji"] = {
        "q3": Mark(2.5, "근거가 좋습니다"),
        "q1": Mark(1.0),
        "helper": Mark(None, "짧게"),
    }
    before = signed_in(school, "minji", f"learn/{ML}/{LINE}").text
    staff = read_page(signed_in(school, "seoyeon", f"{T}/students/minji").text).text
    school.exchange.release_feedback(school.caller("seoyeon"), ML, LINE)
    school.settle()
    after = read_page(signed_in(school, "minji", f"learn/{ML}/{LINE}").text)
    others = signed_in(school, "junho", f"learn/{ML}/{LINE}").text
    school.submit("minji", notebook("right", "right", "another answer"))
    school.settle()
    anew = signed_in(school, "minji", f"learn/{ML}/{LINE}").text

    rows = {row.text.split()[0]: " ".join(row.text.split()) for row in after.all("tr") if row.text.split()}
    assert rows["q3"] == "q3 강사 채점 의견: 근거가 좋습니다 2.5 / 3"
    assert "선생님의 의견" in after.text
    assert "helper" in after.text
    assert "근거가 좋습니다" in staff
    for page in (before, others, anew):
        assert "근거가 좋습니다" not in page
        assert "짧게" not in page
        assert "2.5" not in page


def test_hidden_tests_show_neither_words_nor_points_before_their_time(school):
    school.release(PIPE)
    school.submit("minji", notebook("right", "wrong"), PIPE)
    school.settle()
    before = signed_in(school, "minji", f"learn/{ML}/{PIPE}").text
    school.exchange.release_results(school.caller("seoyeon"), ML, PIPE)
    after = signed_in(school, "minji", f"learn/{ML}/{PIPE}").text

    assert "나중에 공개" in before
    assert "선생님이 공개하면" in before
    assert "평균이 맞지 않습니다" not in before
    assert "평균이 맞지 않습니다" in after


def test_every_submission_has_its_receipt_to_download(school):
    school.release()
    receipts = [school.submit("minji", notebook(answer)) for answer in ("wrong", "right")]
    page = read_page(signed_in(school, "minji", f"learn/{ML}/{LINE}").text)
    links = [a["href"] for a in page.all("a") if a.text.startswith("접수증")]
    answers = [school.client.get(link) for link in links]

    assert [answer.json() for answer in answers] == receipts[::-1]
    assert "attachment" in answers[0].headers["content-disposition"]


def test_a_notebook_can_be_handed_in_from_the_browser(school):
    school.release()
    school.sign_in("minji")
    form = {"key": str(uuid.uuid4())}
    sent = {"file": ("line (1).ipynb", notebook("right", "right", "why"))}
    first = school.post(f"learn/{ML}/{LINE}/submissions", form, files=sent)
    again = school.post(f"learn/{ML}/{LINE}/submissions", form, files=sent)
    school.settle()
    page = school.get(first.headers["location"].removeprefix("/services/bitgoeul/")).text
    rows = school.client.get(f"/services/bitgoeul/api/courses/{ML}/submissions", headers=school.headers("minji")).json()

    assert (first.status_code, again.status_code) == (303, 303)
    assert "제출했습니다" in page
    assert len(rows) == 1, "a form that is sent twice is one submission"
    assert rows[0]["notebooks"] == ["line.ipynb"]


@pytest.mark.parametrize(
    "files", [{}, {"file": ("report.pdf", b"%PDF")}, {"file": ("", b"")}, {"file": ("../x.ipynb/", b"{}")}]
)
def test_anything_but_the_assignments_notebook_is_refused_with_its_name(school, files):
    school.release()
    school.sign_in("minji")
    answer = school.post(f"learn/{ML}/{LINE}/submissions", {"key": str(uuid.uuid4())}, files=files or None)

    assert answer.status_code == 422
    assert "<h1>" in answer.text
    assert school.exchange.submissions_for(school.caller("minji"), ML) == []


def test_feedback_is_served_in_a_box_where_nothing_runs(busy_school):
    page = read_page(signed_in(busy_school, "minji", f"learn/{ML}/{LINE}").text)
    frame = page.all("iframe")[0]
    answer = busy_school.client.get(frame["src"])

    assert "sandbox" in frame.attributes
    assert frame["sandbox"] == ""
    assert answer.headers["content-security-policy"] == UNTRUSTED_HTML
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'"} <= set(UNTRUSTED_HTML.split("; "))
    assert "<h1>minji</h1>" in answer.text
    assert "<script" not in answer.text


def test_nobody_reads_anothers_feedback(busy_school):
    page = read_page(signed_in(busy_school, "minji", f"learn/{ML}/{LINE}").text)
    source = page.all("iframe")[0]["src"]
    busy_school.sign_in("junho")

    assert busy_school.client.get(source).status_code == 404
    assert busy_school.client.get(source + "x").status_code == 404


def test_the_live_part_is_the_same_as_in_the_page_and_says_when_it_will_change(busy_school):
    page = signed_in(busy_school, "minji", f"learn/{ML}/{LINE}").text
    part = busy_school.get(f"learn/{ML}/{LINE}/live").text

    assert part.strip() in page
    assert "data-busy" not in part


def test_staff_see_everybody_and_what_needs_a_person(busy_school):
    page = signed_in(busy_school, "seoyeon", f"teach/{ML}").text

    for name in ("김민지", "박준호", "아멜리아 존스"):
        assert name in page
    assert "커널이 죽었습니다" in page
    assert "q2: complement passed" in page
    assert "과제를 공개했습니다" in page


def test_the_distribution_is_a_picture_with_words_beside_it(busy_school):
    page = read_page(signed_in(busy_school, "seoyeon", T).text)
    caption = page.all("figcaption")[0].text

    assert len(page.all("figure")[0].all("rect")) == 10
    assert "평균" in caption
    assert re.search(r"\d+~\d+%: \d명", caption)


def test_staff_set_a_due_date_in_the_academys_zone_and_may_take_it_back(school):
    school.release()
    school.sign_in("seoyeon")
    school.post(f"{T}/due", {"due": "2031-01-01T09:00"})
    page = read_page(school.get(T).text)
    after = school.exchange.assignment_for(school.caller("minji"), ML, LINE).due
    undo = next(form for form in page.all("form") if form["action"].endswith("/due") and "되돌리기" in form.text)
    fields = {i["name"]: i["value"] for i in undo.all("input")}
    school.client.post(undo["action"], data=fields)

    assert after == "2031-01-01T00:00:00.000000Z"
    assert school.exchange.assignment_for(school.caller("minji"), ML, LINE).due == "2031-11-24T09:00:00.000000Z"
    assert "되돌리기" in school.get(T).text, "undoing can be undone"
    assert "되돌리기" not in school.get(T).text, "and it is told once"


def test_what_was_done_cannot_be_written_by_a_link_or_another_person(school):
    school.release()
    school.sign_in("seoyeon")
    school.post(f"{T}/withdraw")
    stolen = school.client.cookies["bitgoeul-done"]
    school.sign_in("minji")
    for value in (stolen, "e30.x", "x"):
        school.client.cookies.set("bitgoeul-done", value, domain="academy.test", path="/services/bitgoeul/")

        assert "되돌리기" not in school.get("").text


@pytest.mark.parametrize("due", ["tomorrow", "2031-13-01T09:00", "2031-01-01T09:00\x00", "9" * 5000])
def test_a_date_that_is_none_is_told(school, due):
    school.release()
    school.sign_in("seoyeon")

    assert school.post(f"{T}/due", {"due": due}).status_code == 422


def test_an_extension_is_for_a_student_of_the_course_and_can_be_removed(school):
    school.release()
    school.sign_in("seoyeon")
    stranger = school.post(f"{T}/extensions", {"user": "haneul", "due": "2031-12-01T09:00"})
    school.post(f"{T}/extensions", {"user": "minji", "due": "2031-12-01T09:00"})
    given = school.exchange.extensions_of(school.caller("seoyeon"), ML, LINE)
    school.post(f"{T}/extensions", {"user": "minji", "due": ""})

    assert stranger.status_code == 404
    assert list(given) == ["minji"]
    assert school.exchange.extensions_of(school.caller("seoyeon"), ML, LINE) == {}


def test_withdrawing_and_releasing_again_lose_nothing(school):
    school.release()
    school.submit("minji", notebook("right"))
    school.sign_in("seoyeon")
    school.post(f"{T}/withdraw")
    school.post(f"{T}/release")
    row = school.exchange.assignment_for(school.caller("minji"), ML, LINE)

    assert (row.version, row.withdrawn) == (1, False)
    assert len(school.exchange.submissions_for(school.caller("minji"), ML)) == 1


def test_feedback_is_released_only_after_a_second_word(busy_school):
    page = read_page(signed_in(busy_school, "seoyeon", T).text)
    form = next(form for form in page.all("form") if form["action"].endswith("/feedback"))
    ask = next(details for details in page.all("details") if form in details.all("form"))

    assert "되돌릴 수 없습니다" in ask.text
    assert "open" not in ask.attributes


def test_grading_again_shows_its_progress(school):
    school.release()
    school.submit("minji", notebook("wrong"))
    school.settle()
    school.sign_in("seoyeon")
    answer = school.post(f"{T}/grade")
    school.settle()

    assert answer.status_code == 303
    assert "다시 채점" in school.get(T).text


def test_collecting_takes_what_came_since_the_last_time(school):
    school.release()
    school.submit("minji", notebook("wrong"))
    school.submit("junho", notebook("right"))
    school.sign_in("seoyeon")
    before = school.get(T).text
    school.post(f"{T}/collect")
    told, after = school.get(T).text, school.get(T).text
    school.submit("minji", notebook("right"))

    assert "새 제출물 모으기 (2)" in before
    assert "새 제출물 2개를 모았습니다" in told
    assert "새 제출물 모으기 (0)" in after
    assert "새 제출물 모으기 (1)" in school.get(T).text


def test_staff_see_who_has_not_even_fetched_it(school):
    school.release()
    for _ in range(2):
        got = school.client.get(f"{PREFIX}api/courses/{ML}/assignments/{LINE}/release", headers=school.headers("junho"))
        assert got.status_code == 200
    school.client.get(f"{PREFIX}api/courses/{ML}/assignments/{LINE}/release", headers=school.headers("seoyeon"))
    school.submit("minji", notebook("right"))
    school.settle()
    rows = read_page(signed_in(school, "seoyeon", T).text).all("tr")
    states = {row.text.split()[0]: " ".join(row.text.split()) for row in rows}
    course = read_page(signed_in(school, "seoyeon", f"teach/{ML}").text).text
    text = school.get(f"teach/{ML}/scores.csv").content.decode("utf-8-sig")
    exported = {row["아이디"]: row[f"{LINE} 상태"] for row in csv.DictReader(io.StringIO(text))}

    assert "받음 · 아직 내지 않음" in states["박준호"]
    assert "아직 받지 않음" in states["아멜리아"]
    assert "채점" in states["김민지"]
    assert set(states) - {"학생점수상태낸"} == {"박준호", "아멜리아", "김민지"}
    assert set(school.app.state.desk.board.fetched(ML)) == {("junho", LINE)}, "staff who look at it fetch nothing"
    assert "아직 받지 않음" in course
    assert exported["junho"] == "받음 · 아직 내지 않음"
    assert exported["amelia"] == "아직 받지 않음"
    assert "1판을 받았습니다" in signed_in(school, "seoyeon", f"{T}/students/junho").text
    assert "아직 받지 않았습니다" in signed_in(school, "seoyeon", f"{T}/students/amelia").text


def test_all_submissions_come_as_one_zip_and_the_audit_keeps_who_took_it(school):
    school.release()
    for user, answer in (("minji", "wrong"), ("minji", "right"), ("junho", "right")):
        school.submit(user, notebook(answer))
    answer = signed_in(school, "seoyeon", f"{T}/submissions.zip")
    found = zipfile.ZipFile(io.BytesIO(answer.content))
    school.post(f"{T}/collect")
    deeds = school.app.state.desk.board.deeds(ML)

    assert answer.headers["content-type"] == "application/zip"
    assert sorted(name.split("/")[0] for name in found.namelist()) == ["junho", "minji", "minji"]
    assert {json.loads(found.read(n))["cells"][0]["source"] for n in found.namelist()} == {"wrong", "right"}
    assert [(d.action, d.actor, d.detail) for d in deeds[:2]] == [
        ("collect", "seoyeon", {"submissions": 3}),
        ("download", "seoyeon", {"submissions": 3}),
    ]
    assert signed_in(school, "minji", f"{T}/submissions.zip").status_code == 403


def test_hidden_results_are_shown_by_a_button_where_the_policy_waits_for_it(school):
    school.release(PIPE)
    school.submit("minji", notebook("right", "wrong"), PIPE)
    school.settle()
    school.sign_in("seoyeon")
    before = school.get(f"teach/{ML}/{PIPE}").text
    school.post(f"teach/{ML}/{PIPE}/results")

    assert "숨은 시험 결과 공개" in before
    assert "숨은 시험 결과 공개" not in school.get(f"teach/{ML}/{PIPE}").text
    assert "평균이 맞지 않습니다" in signed_in(school, "minji", f"learn/{ML}/{PIPE}").text


def test_a_button_of_another_site_does_nothing(school):
    school.release()
    school.sign_in("seoyeon")
    answer = school.client.post(f"/services/bitgoeul/{T}/withdraw", headers={"Accept": "text/html"})

    assert answer.status_code == 403
    assert not school.exchange.assignment_for(school.caller("seoyeon"), ML, LINE).withdrawn


def test_scores_come_back_from_both_exports(busy_school):
    busy_school.finals[ML, LINE] = {"minji": 5.5}
    busy_school.sign_in("seoyeon")
    text = busy_school.get(f"teach/{ML}/scores.csv").content.decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(busy_school.get(f"teach/{ML}/scores.xlsx").content)).active
    del busy_school.finals[ML, LINE]
    rows = {row["아이디"]: row for row in csv.DictReader(io.StringIO(text))}

    assert rows["minji"]["이름"] == "김민지"
    assert rows["minji"][f"{LINE} (/6)"] == "5.5"
    assert rows["junho"][f"{LINE} (/6)"] == ""
    assert [cell.value for cell in sheet[1]][:2] == ["아이디", "이름"]
    assert {row[0].value: row[-1].value for row in sheet.iter_rows(min_row=2)}["minji"] == 6.5


def test_a_student_named_like_a_formula_runs_nothing_in_a_spreadsheet(tmp_path):
    people = [("minji", FORMULA, FORMULA, "student"), *PEOPLE[1:]]
    with academy(tmp_path, people) as school:
        school.release()
        school.sign_in("seoyeon")
        text = school.get(f"teach/{ML}/scores.csv").content.decode("utf-8-sig")
        sheet = load_workbook(io.BytesIO(school.get(f"teach/{ML}/scores.xlsx").content)).active
        page = school.get(f"teach/{ML}").text
    name = next(row["이름"] for row in csv.DictReader(io.StringIO(text)) if row["아이디"] == "minji")
    cell = next(row[1] for row in sheet.iter_rows(min_row=2) if row[0].value == "minji")

    assert name == cell.value == f"'{FORMULA}"
    assert cell.data_type == "s"
    assert "&#34;http://x&#34;" in page


def test_a_student_who_left_the_course_keeps_his_row_while_his_work_is_there(school):
    school.release()
    school.submit("minji", notebook("right"))
    school.settle()
    school.hub.users["minji"] = []
    page = signed_in(school, "seoyeon", f"teach/{ML}")

    assert "김민지" in page.text
    assert signed_in(school, "seoyeon", f"{T}/students/minji").status_code == 200


def test_a_member_whose_name_no_path_could_hold_does_not_spoil_the_page(school):
    school.release()
    school.hub.users["../x"] = [f"nbgrader-{ML}"]

    assert signed_in(school, "seoyeon", T).status_code == 200


def test_lists_of_a_course_leave_the_cells_of_verdicts_on_the_disk(busy_school):
    """Checking a thousand verdicts took seconds; their totals take none."""
    newest = busy_school.app.state.desk.board.newest(ML)

    assert {h.verdict.cells == {} for h in newest if h.verdict} == {True}
    assert {h.row.user: h.verdict.score for h in newest if h.verdict and h.row.assignment == LINE} == {
        "minji": 1,
        "amelia": 1,
    }


def test_the_operators_page_tells_the_machine_and_no_students_work(busy_school):
    page = signed_in(busy_school, "jiho", "operate").text

    assert "namespaces" in page
    assert "/hub/admin" in page
    assert "김민지" not in page


def test_the_hub_away_is_told_on_a_page(school):
    school.sign_in("minji")
    school.hub.down = True
    answer = school.get("")

    assert answer.status_code == 503
    assert "허브가 응답하지 않아" in answer.text


def test_pages_link_only_to_pages_that_are_there(busy_school):
    """Every link of every page is asked for, as the person to whom it is shown."""
    for user, path in PAGES:
        page = read_page(signed_in(busy_school, user, path).text)
        links = {a["href"].split("#")[0] for a in page.all("a", "iframe", "link")} | {
            f["src"] for f in page.all("iframe")
        }
        for link in sorted(link for link in links if link.startswith("/services/")):
            assert busy_school.client.get(link, headers={"Accept": "text/html"}).status_code in (200, 403, 404), link
            if path not in ("nowhere", f"teach/{ML}") or user != "minji":
                assert busy_school.client.get(link, headers={"Accept": "text/html"}).status_code == 200, (path, link)


def test_the_audit_names_who_did_what(school):
    school.release()
    school.sign_in("seoyeon")
    for act, form in (("withdraw", {}), ("release", {}), ("due", {"due": ""}), ("grade", {}), ("feedback", {})):
        school.post(f"{T}/{act}", form)
    page = school.get(f"teach/{ML}").text

    for words in ("숨겼습니다", "마감을 바꿨습니다", "다시 채점하게", "피드백을 공개했습니다"):
        assert words in page
    assert page.count("이서연 강사") >= 5
