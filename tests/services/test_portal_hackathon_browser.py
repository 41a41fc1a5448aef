"""The hackathon's pages in real browsers, on the service as it runs: workers score, the board's events arrive."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from bitgoeul.names import UserName
from tests.fakes.academy import PREFIX
from tests.fakes.contest import END, SLUG, START, contest
from tests.fakes.html import faults, read_page
from tests.fakes.serving import listening

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HERE = f"hackathons/{SLUG}"
PATIENCE = 30_000
PICTURES = os.environ.get("BITGOEUL_PICTURES")
NAMES = ("무등산 데이터단", "Overfit 방지위원회", "호남평야", "자정의 노트북", "Team Attention", "배터리 박사", "딸기우유", "로컬 미니마", "세 번째 파도", "서석대", "양림동 산책", "Null Island")  # fmt: skip
ABOUT = {
    "title": {"ko": "전기차 배터리 수명", "en": "How long does the battery last?"},
    "summary": {
        "ko": "처음 100번의 충·방전만 보고 400번 뒤에 남을 용량을 맞힙니다.",
        "en": "See 100 cycles, predict 400.",
    },
    "text": {
        "ko": "배터리 팩마다 온도와 쓰는 습관이 다릅니다.\n\n- 훈련 자료의 셀은 모두 32℃ 이하입니다.\n- 데이터는 만들어 낸 것입니다.",
        "en": "Packs differ.",
    },
}
DROP = "([text, name]) => { const d = new DataTransfer(); d.items.add(new File([text], name)); return d; }"
CONTRAST = """() => {
  const light = ([r, g, b]) => { const f = (v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
  const parse = (text) => { const found = text.match(/[\\d.]+/g).map(Number); return text.startsWith("color(") ? [...found.slice(0, 3).map((v) => v * 255), found[3] ?? 1] : [...found.slice(0, 3), found[3] ?? 1]; };
  const over = ([r, g, b, a], under) => [r, g, b].map((v, i) => v * a + under[i] * (1 - a));
  const behind = (one) => { const layers = []; for (let at = one; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor)); return layers.reduce((under, layer) => over(layer, under), [255, 255, 255]); };
  const poor = [];
  for (const one of document.querySelectorAll("main *")) {
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const style = getComputedStyle(one);
    if (!says || one.closest("svg, [hidden], .unseen") || one.disabled || !one.checkVisibility()) continue;
    const back = behind(one);
    const [a, b] = [light(over(parse(style.color), back)), light(back)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) poor.push(`${one.textContent.trim().slice(0, 30)}: ${((a + .05) / (b + .05)).toFixed(2)}`);
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        expect.set_options(timeout=PATIENCE)
        yield browser
        expect.set_options(timeout=5000)
        browser.close()


@pytest.fixture
def world(tmp_path):
    with contest(tmp_path) as found, listening(found.school.app) as url:
        found.url = url
        found.open(**ABOUT)
        found.core.start()
        yield found
        found.core.close()


@pytest.fixture
def visit(world, chromium):
    """A page of this person's; what goes wrong in it fails the test."""
    contexts, wrong = [], []

    def open_page(user, path, **options):
        world.school.sign_in(user)
        context = chromium.new_context(**{"locale": "ko-KR", "viewport": {"width": 1280, "height": 900}, **options})
        cookie = world.school.client.cookies["bitgoeul-session"]
        context.add_cookies([{"name": "bitgoeul-session", "value": cookie, "domain": "127.0.0.1", "path": PREFIX}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(world.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def crowd(world, count=12):
    """Teams with a score each, the first the best."""
    for number, name in enumerate(NAMES[:count]):
        user = UserName(f"u{number}")
        world.core.hackathon.create_team(user, SLUG, name)
        world.submit(user, world.file(0.1 + 0.07 * number))
        world.move(minutes=7)


def picture(page, name, *, whole=True):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=whole)


def drop(page, text, name="예측.csv"):
    data = page.evaluate_handle(DROP, [text.decode(), name])
    page.dispatch_event("[data-drop]", "dragover", {"dataTransfer": data})
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": data})
    page.get_by_role("button", name="내기", exact=True).click()


def test_a_dropped_file_moves_the_board_of_another_browser_without_a_reload(world, visit):
    crowd(world)
    world.team("minji", "junho", name="빛고을 개척자들")
    world.submit("minji", world.file(0.79))
    world.move(minutes=20)
    mine, board, hall = (
        visit("minji", HERE),
        visit("haneul", f"{HERE}/board"),
        visit("seoyeon", f"{HERE}/projector", viewport={"width": 1600, "height": 900}),
    )
    for page in (mine, board, hall):
        page.evaluate("window.same = true")
    expect(board.locator("tr[data-team='빛고을 개척자들']")).to_have_attribute("data-at", "11")
    bad = world.file(0.3).decode().splitlines()
    bad[3], bad[6] = bad[3].split(",")[0] + ",many", bad[5]
    drop(mine, "\n".join(bad).encode(), "고칠 것.csv")
    expect(mine.get_by_text("같은 id가 두 번 나옵니다")).to_be_visible()
    expect(mine.get_by_text("수가 아닌 것이 있습니다")).to_be_visible()
    expect(mine.locator("#said")).to_contain_text("고칠 것.csv: 파일에 고칠 곳이 있음")
    drop(mine, world.file(0.15))
    expect(mine.locator(".tries li").first.locator(".score")).to_be_visible()
    expect(mine.locator(".tries li").first).to_contain_text("예측.csv")
    expect(mine.locator("#said")).to_contain_text("예측.csv: 채점 완료")

    row = board.locator("tr[data-team='빛고을 개척자들']")
    expect(row).to_have_attribute("data-at", "2")
    expect(row.locator(".shift")).to_contain_text("▲9 올라감")
    expect(board.locator("[data-announce]")).to_contain_text(
        "빛고을 개척자들 2위. Overfit 방지위원회 3위. 호남평야 4위"
    )
    expect(board.locator("[data-announce]")).to_contain_text("그 밖에 7팀")
    expect(hall.locator("li").nth(1)).to_contain_text("빛고을 개척자들")
    assert all(page.evaluate("window.same") for page in (mine, board, hall)), "a page was loaded anew"
    assert mine.evaluate("document.documentElement.scrollWidth") <= 1280
    assert hall.evaluate("document.documentElement.scrollHeight") <= 900, "a hall cannot scroll"
    hall.wait_for_timeout(1000)  # the rows' way to their new places, for the picture
    for page, name in ((mine, "challenge"), (board, "board"), (hall, "projector")):
        picture(page, name, whole=name != "projector")


def test_who_wants_no_motion_is_shown_a_new_board_when_he_asks(world, visit):
    crowd(world, 3)
    board = visit("haneul", f"{HERE}/board", reduced_motion="reduce")
    fresh = board.get_by_role("button", name="새 순위 보기")
    expect(board.get_by_label("순위가 바뀌면 바로 보이기")).not_to_be_checked()
    world.team("minji")
    world.submit("minji", world.file(0.01))
    expect(board.locator("[data-announce]")).to_have_text("새 순위가 있습니다")
    expect(board.locator("tr[data-at='1']")).to_contain_text(NAMES[0])
    fresh.press("Enter")

    expect(board.locator("tr[data-at='1']")).to_contain_text("team minji")
    assert board.evaluate("document.getAnimations().length") == 0


def test_a_team_is_made_and_a_file_submitted_by_keyboard_alone(world, visit, tmp_path):
    page = visit("minji", HERE)

    def walk_to(text):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id || document.activeElement.innerText").startswith(text):
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"Tab never comes to {text}")

    walk_to("team-name")
    page.keyboard.type("빛고을")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="빛고을 팀을 만들었습니다")).to_be_visible()
    walk_to("file")
    file = tmp_path / "a.csv"
    file.write_bytes(world.file(0.2))
    page.locator("#file").set_input_files(file)
    page.locator("#file").focus()
    walk_to("내기")
    page.keyboard.press("Enter")
    expect(page.locator(".tries .score").first).to_be_visible()
    walk_to("마지막으로 고르기")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="마지막 제출로 골랐습니다")).to_be_visible()


def test_without_script_a_team_submits_and_reads_the_board(world, visit):
    page = visit("minji", HERE, java_script_enabled=False)
    page.get_by_label("팀 이름").fill("빛고을")
    page.get_by_role("button", name="만들기").click()
    page.get_by_label("예측 파일").set_input_files({"name": "a.csv", "mimeType": "", "buffer": world.file(0.2)})
    page.get_by_role("button", name="내기", exact=True).click()
    expect(page.get_by_text("냈습니다. 결과는 아래에")).to_be_visible()
    world.settle()
    page.get_by_role("link", name="순위", exact=True).click()

    expect(page.locator("tr[data-team='빛고을'].own").first).to_be_visible()


def test_the_countdown_goes_by_the_servers_clock_whatever_the_browsers_says(world, visit):
    world.at = END - timedelta(hours=2)
    page = visit("minji", HERE)
    page.clock.set_fixed_time(datetime(2031, 1, 1, tzinfo=START.tzinfo))
    page.reload()

    expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"^0[12]:\d\d:\d\d$"))
    expect(page.locator("[data-server]")).to_contain_text("19:0")


def test_the_wall_fills_the_screen_by_one_key(world, visit):
    page = visit("minji", f"{HERE}/projector")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.keyboard.press("f")

    page.wait_for_function("document.fullscreenElement === null")


def test_every_page_fits_its_screen_and_can_be_read(world, visit):
    """Also what the scripts made of it: names of controls, headings, contrast, in both languages and both lights."""
    crowd(world, 5)
    world.team("minji")
    world.submit("minji", world.file(0.2))
    world.submit("minji", b"id,target\nx,1\n")
    world.at = END - timedelta(minutes=20)
    for scheme, language in (("light", "ko-KR"), ("dark", "en-US")):
        for user, path in (
            ("minji", "hackathons"),
            ("minji", HERE),
            ("haneul", HERE),
            ("minji", f"{HERE}/board"),
            ("minji", f"{HERE}/projector"),
        ):
            page = visit(user, path, locale=language, color_scheme=scheme)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            assert page.evaluate(CONTRAST) == [], (path, scheme)
            for width in (320, 390, 768, 1280):
                page.set_viewport_size({"width": width, "height": 800})

                assert page.evaluate("document.documentElement.scrollWidth") <= width, (user, path, language)
            assert faults(read_page(page.content())) == [], path
            page.context.close()
