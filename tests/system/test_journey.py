"""The journey of an assignment, in real browsers: released, fetched, worked on, handed in, judged, read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from bitgoeul.curriculum.building import Built, build, submission
from bitgoeul.curriculum.loading import find_assignment, find_course, load_courses
from tests.system.academy import CHROMIUM, ROOT, started
from tests.system.people import PATIENCE, Person, notebook_of

COURSE, ASSIGNMENT = "ai-and-data", "01-nearest-neighbours"
NOTEBOOK = "nearest-neighbours.ipynb"
MANUAL = "why-scale"

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def built() -> Built:
    return build(find_assignment(find_course(load_courses(ROOT / "curriculum"), COURSE), ASSIGNMENT))


def right(built: Built) -> bytes:
    return submission(built.source["ko"][NOTEBOOK], built.release["ko"][NOTEBOOK])


def test_an_assignment_travels_from_release_to_feedback(built: Built, tmp_path: Path) -> None:
    with started(tmp_path / "state") as academy, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        teacher, minji, junho = (Person(browser, academy.url, name) for name in ("정현우", "김민지", "박준호"))

        release(teacher)
        solve(minji, right(built))
        err(junho)
        see_results(minji, junho)
        grade_by_hand(teacher)
        release_feedback(teacher)
        read_feedback(minji, junho)

        assert [person.faults for person in (teacher, minji, junho)] == [[], [], []]
        browser.close()
        assert academy.stop() == 0


def release(teacher: Person) -> None:
    teacher.sign_in()
    teacher.go("AI와 데이터", "가까운 이웃")
    teacher.page.get_by_role("button", name="공개하기").click()

    expect(teacher.page.get_by_role("status").filter(has_text="1판을 공개했습니다")).to_be_visible()


def solve(student: Person, notebook: bytes) -> None:
    """Fetch with one click, answer, validate, hand in from nbgrader's own panel."""
    student.sign_in()
    student.picture("student")
    student.go("가까운 이웃")
    student.open_notebook()
    student.answer(notebook_of(notebook))
    student.picture("lab", whole=False)

    assert "Success" in student.validate()

    student.assignment_list(COURSE)
    student.submit_in_panel(ASSIGNMENT)
    student.picture("panel", whole=False)


def err(student: Person) -> None:
    """Hand in what was fetched, with nothing answered, although Validate says what is missing."""
    student.sign_in()
    student.go("가까운 이웃")
    student.open_notebook()

    assert "failed" in student.validate()

    student.assignment_list(COURSE)
    student.submit_in_panel(ASSIGNMENT)


def see_results(solver: Person, errant: Person) -> None:
    """Both see their results; the solver full marks on every question that a machine can judge."""
    for student in (solver, errant):
        student.home()
        student.go("가까운 이웃")
        expect(student.page.locator("main")).to_contain_text("선생님이 직접 읽고", timeout=PATIENCE)
    solver.picture("result")
    errant.picture("result-wrong")

    assert solver.page.locator("tbody .failed").count() == 0
    assert solver.page.locator("tbody .passed").count() >= 5
    assert errant.page.locator("tbody .passed").count() == 0

    with solver.page.expect_download() as download:
        solver.page.get_by_role("link", name=re.compile("접수증")).first.click()

    assert '"signature"' in download.value.path().read_text()


def grade_by_hand(teacher: Person) -> None:
    """Collect and give points and a comment in formgrader, in the course's own lab."""
    teacher.home()
    teacher.go("AI와 데이터", "가까운 이웃")
    expect(teacher.page.locator("tbody tr")).to_have_count(2)
    teacher.picture("instructor")
    teacher.go("AI와 데이터")
    teacher.page.get_by_role("link", name="글로 쓴 답 채점하기").click()
    teacher.page.wait_for_url("**/formgrader/**")
    row = teacher.page.locator("tr", has_text=ASSIGNMENT)
    row.locator("td.collect a").click()
    teacher.page.locator("#collect-modal, .modal.in, .modal.show").get_by_text("success", exact=False).first.wait_for()
    teacher.picture("formgrader")
    base = teacher.page.url.split("/formgrader/")[0]
    teacher.page.goto(f"{base}/formgrader/gradebook/{ASSIGNMENT}/{NOTEBOOK.removesuffix('.ipynb')}")
    teacher.page.locator("tbody a").first.click()
    teacher.page.wait_for_url("**/submissions/**")
    teacher.page.wait_for_function("window.MathJax && MathJax.loaded")  # then formgrader listens, and shows formulas
    for field, text in (
        (f"#{MANUAL}-comment", "잘 설명했어요. 그림도 있으면 더 좋겠습니다."),
        (f"input#{MANUAL}", "5"),
    ):
        with teacher.page.expect_response(
            lambda answer: answer.request.method == "PUT" and "/formgrader/api/" in answer.url
        ):
            teacher.page.locator(field).fill(text)
            teacher.page.locator(field).press("Tab")
    teacher.picture("by-hand", whole=False)


def release_feedback(teacher: Person) -> None:
    teacher.home()
    teacher.go("AI와 데이터", "가까운 이웃")
    teacher.page.get_by_text("피드백 공개").click()
    teacher.page.get_by_role("button", name="학생에게 보여 줍니다").click()

    expect(teacher.page.get_by_text("기다리는 일이 없습니다.")).to_be_attached(timeout=PATIENCE)


def read_feedback(solver: Person, errant: Person) -> None:
    """The feedback is on the page, in a frame where nothing can run; the comment is in one of them."""
    texts = []
    for student in (solver, errant):
        student.home()
        student.go("가까운 이웃")
        student.page.get_by_role("heading", name="피드백").wait_for()
        texts.append(student.page.frame_locator("iframe").locator("body").inner_text())
    solver.picture("feedback")

    assert sum("그림도 있으면 더 좋겠습니다" in text for text in texts) == 1
    assert not any("BEGIN HIDDEN TESTS" in text for text in texts)
