"""The portal in a real Chromium: what changes by itself, what works by keyboard, without script, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.fakes.academy import LINE, ML, PIPE, PREFIX, academy, notebook
from tests.fakes.alike import handed_in
from tests.fakes.serving import listening

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
T = f"teach/{ML}/{LINE}"
PAGES = [
    ("minji", ""),
    ("minji", f"learn/{ML}/{LINE}"),
    ("minji", f"learn/{ML}/{PIPE}"),
    ("seoyeon", f"teach/{ML}"),
    ("seoyeon", T),
    ("seoyeon", f"{T}/students/minji"),
    ("seoyeon", f"{T}/flagged"),
    ("seoyeon", f"{T}/regrade"),
    ("seoyeon", f"{T}/similar"),
    ("seoyeon", f"{T}/similar/minji/junho"),
    ("jiho", "operate"),
    ("minji", "gpus"),
    ("jiho", "operate/gpus"),
    ("minji", "nowhere"),
]


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def school(tmp_path):
    with academy(tmp_path) as found, listening(found.app) as url:
        found.url = url
        found.release()
        found.release(PIPE)
        yield found


@pytest.fixture
def visit(school, chromium):
    """A page of this person's; what goes wrong in it fails the test."""
    contexts, wrong = [], []

    def open_page(user, path, **options):
        school.sign_in(user)
        context = chromium.new_context(**{"locale": "ko-KR", "viewport": {"width": 1280, "height": 900}, **options})
        cookie = school.client.cookies["bitgoeul-session"]
        context.add_cookies([{"name": "bitgoeul-session", "value": cookie, "domain": "127.0.0.1", "path": PREFIX}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(school.url + path)
        return page

    open_page.wrong = wrong
    yield open_page
    for context in contexts:
        context.close()

    assert [text for text in wrong if "404 (Not Found)" not in text] == []


def test_a_submission_changes_its_state_on_the_page_without_a_reload(school, visit):
    page = visit("minji", f"learn/{ML}/{LINE}")
    page.evaluate("window.same = true")
    page.get_by_text("파일로 제출").click()
    page.get_by_label("노트북 파일").set_input_files(
        {"name": "line.ipynb", "mimeType": "", "buffer": notebook("right", "right", "why")}
    )
    page.get_by_role("button", name="제출하기").click()
    page.wait_for_load_state()
    page.evaluate("window.same = true")
    result = page.get_by_role("region", name="결과", exact=True)

    expect(result.get_by_text("강사 채점 대기")).to_be_visible()
    expect(result.get_by_text("3 / 6")).to_be_visible()
    assert page.evaluate("window.same"), "the page was loaded anew"


def test_feedback_appears_on_an_open_page(school, visit):
    school.submit("minji", notebook("right", "right", "why"))
    school.settle()
    page = visit("minji", f"learn/{ML}/{LINE}")
    page.evaluate(  # looks at once, not in 20 s
        "document.querySelectorAll('[data-live]').forEach(part => { part.setAttribute('data-busy', ''); watch(part); })"
    )
    school.exchange.release_feedback(school.caller("seoyeon"), ML, LINE)

    expect(page.get_by_role("region", name="피드백")).to_be_visible(timeout=30_000)


def test_a_notebook_may_be_dropped_on_the_form(school, visit):
    page = visit("minji", f"learn/{ML}/{LINE}")
    page.get_by_text("파일로 제출").click()
    content = notebook("right", "right", "why").decode()
    data = page.evaluate_handle(
        "text => { const d = new DataTransfer(); d.items.add(new File([text], 'line.ipynb')); return d; }", content
    )
    page.dispatch_event("[data-drop]", "dragover", {"dataTransfer": data})
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": data})
    page.get_by_role("button", name="제출하기").click()
    page.wait_for_load_state()

    expect(page.get_by_role("status").filter(has_text="제출했습니다")).to_be_visible()


def test_staff_release_and_extend_by_keyboard_alone(school, visit):
    page = visit("seoyeon", T)

    def walk_to(text):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id || document.activeElement.innerText").startswith(text):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"nobody sees that {text} has the focus"
                return
        raise AssertionError(f"Tab never comes to {text}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "본문으로 건너뛰기"
    page.keyboard.press("Enter")
    walk_to("숨기기")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="숨겼습니다")).to_be_visible()
    walk_to("되돌리기")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="공개했습니다")).to_be_visible()
    walk_to("who-field")
    page.keyboard.press("Tab")
    walk_to("연장하기")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="연장했습니다")).to_be_visible()


def test_a_preview_fills_in_by_itself_and_is_applied_by_keyboard(school, visit):
    school.submit("minji", notebook("wrong", "wrong", "why"))
    school.settle()
    school.judge.mended = {"wrong"}
    school.judge.go.clear()
    page = visit("seoyeon", T)
    page.get_by_text("모두 다시 채점").click()
    page.get_by_role("button", name="다시 채점합니다").press("Enter")
    page.get_by_role("link", name="미리 채점 보기").press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="새 점수 적용하기")).to_have_count(0)
    school.judge.go.set()
    expect(page.get_by_role("region", name="점수가 바뀔 학생").get_by_text("+3").first).to_be_visible()
    page.get_by_role("button", name="새 점수 적용하기").press("Enter")

    expect(page.get_by_role("status").filter(has_text="새 점수를 적용합니다")).to_be_visible()


def test_a_matching_part_leads_to_the_other_side_by_keyboard(school, visit):
    handed_in(school)
    page = visit("seoyeon", f"{T}/similar")
    page.get_by_role("link", name="박준호 · 김민지").press("Enter")
    there = page.get_by_role("region", name="박준호").get_by_role("link", name="겹치는 곳 2, 다른 쪽으로")
    there.press("Enter")
    target = page.get_by_role("region", name="김민지").locator("#right-2")

    expect(target).to_be_in_viewport()
    assert page.evaluate("document.querySelector(':target').id") == "right-2"


def test_everything_works_without_script(school, visit):
    page = visit("seoyeon", T, java_script_enabled=False)
    page.get_by_text("숨기기").click()
    expect(page.get_by_text("숨겼습니다")).to_be_visible()
    page.get_by_role("button", name="되돌리기").click()
    expect(page.get_by_text("공개했습니다").first).to_be_visible()
    student = visit("minji", f"learn/{ML}/{LINE}", java_script_enabled=False)
    student.get_by_text("파일로 제출").click()
    student.get_by_label("노트북 파일").set_input_files(
        {"name": "line.ipynb", "mimeType": "", "buffer": notebook("right")}
    )
    student.get_by_role("button", name="제출하기").click()

    expect(student.get_by_text("제출했습니다")).to_be_visible()


def test_feedback_with_script_in_it_runs_nothing(school, visit):
    """The judge of these tests lets all of it through: the frame alone has to hold."""
    school.submit("minji", notebook("right", "right", "why"))
    school.settle()
    hostile = (
        b"<script>parent.document.title='owned'</script><img src=x onerror=\"parent.document.title='owned'\">"
        b'<p style="color:red">read me</p><a href="javascript:alert(1)">a</a><form action="/hub/logout"><button>b</button></form>'
    )
    row = school.exchange.submissions_for(school.caller("minji"), ML)[0]
    school.exchange.accept_feedback(school.caller("seoyeon"), row.id, {"line.html": hostile})
    page = visit("minji", f"learn/{ML}/{LINE}")
    page.locator("iframe").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe")
    frame.get_by_role("button").click()

    expect(frame.get_by_text("read me")).to_be_visible()
    assert "owned" not in page.title()
    blocked = [text for text in visit.wrong if "Content Security Policy" in text or "sandboxed" in text]
    assert len(blocked) >= 3, visit.wrong
    visit.wrong[:] = [text for text in visit.wrong if text not in blocked]


def test_no_page_is_wider_than_its_screen(school, visit):
    handed_in(school)
    school.submit("amelia", notebook("forge", "canary", "why"))
    school.submit("amelia", notebook("break"), PIPE)
    school.settle()
    school.judge.mended = {"wrong", "-right"}
    school.exchange.grade(school.caller("seoyeon"), ML, LINE, preview=True)
    school.settle()
    for language in ("ko-KR", "en-US"):
        for user, path in PAGES:
            page = visit(user, path, locale=language)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            for width in (320, 390, 768, 1280):
                page.set_viewport_size({"width": width, "height": 800})

                assert page.evaluate("document.documentElement.scrollWidth") <= width, (user, path, language)
            page.context.close()
