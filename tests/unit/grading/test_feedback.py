from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_output

from bitgoeul.errors import NotFound
from bitgoeul.grading import feedback
from bitgoeul.grading.engine import Engine
from bitgoeul.grading.gradebook import CourseBook
from bitgoeul.grading.sanitise import read_source
from bitgoeul.names import AssignmentName, CourseName, UserName
from tests.unit.grading import making

COURSE, PS1, MINJI = CourseName("course-1"), AssignmentName("ps1"), UserName("minji")
LIVE = re.compile(
    r"<\s*(script|iframe|object|embed|svg|math|form|input|link|base|video|audio|frame|applet|template)"
    r"|<[^>]*\son\w+\s*=|javascript:|vbscript:|data:text|srcdoc|@import|url\(|expression\(|http-equiv=.refresh",
    re.IGNORECASE,
)


def body(page: bytes) -> str:
    return page.decode().split("<body>")[1]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>fetch('/hub/api/user')</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://elsewhere.example/pixel.png'>",
        "<img src='data:image/svg+xml;base64,PHN2Zy8+'>",
        "<img src='data:text/html;base64,PHN2Zy8+'>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data='x.swf'></object><embed src=x>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='JaVaScRiPt:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<p style='background: url(https://elsewhere.example/x)'>x</p>",
        "<p style='width: expression(alert(1))'>x</p>",
        "<p style='color: u\\72l(https://elsewhere.example/x)'>x</p>",
        "<style>@import 'https://elsewhere.example/x.css'; body {background: url(//x)}</style>",
        "<link rel=stylesheet href='https://elsewhere.example/x.css'>",
        "<meta http-equiv='refresh' content='0;url=https://elsewhere.example'>",
        "<base href='https://elsewhere.example/'>",
        "<form action='/hub/logout'><input name=x><button>go</button></form>",
        "<video src='https://elsewhere.example/x' autoplay></video><audio src=x></audio>",
        "<div onclick=alert(1) onmouseover=alert(2)>x</div>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<!--><img src=x onerror=alert(1)>-->",
        "</body></html><script>alert(1)</script>",
        "<template><script>alert(1)</script></template>",
        "<p " + "a" * 100_000 + "onclick=alert(1)>",
        "<div>" * 900 + "<script>alert(1)</script>",
    ],
)
def test_a30_nothing_in_a_page_runs_or_loads(markup: str) -> None:
    page = feedback.sanitise(f"<html><body><h4>ps1</h4>{markup}</body></html>".encode())

    assert not LIVE.search(body(page))
    assert "elsewhere" not in re.sub(r"href=\"https?://[^\"]*\"", "", body(page))
    assert b"<h4>ps1</h4>" in page


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<div></p>",
        "<b><p>",
        "<table><tr><td>",
        "<a href=x>",
        "<DIV\n>",
        "<font><i>",
        "<svg><g>",
        "</div><span>",
    ],
)
def test_deep_nesting_is_not_shown(piece: str) -> None:
    page = feedback.sanitise((piece * 200_000).encode())

    assert "중첩" in page.decode()
    assert len(page) < 1_000_000


def test_a_wide_page_is_kept() -> None:
    rows = "<tr><td>1</td><td>2<br></td></tr>" * 2_000
    page = feedback.sanitise(f"<table><tbody>{rows}</tbody></table><p>end</p>".encode())

    assert b"<p>end</p>" in page


def test_sources_that_would_take_long_to_show_are_cut(engine: Engine, tmp_path: Path) -> None:
    book = CourseBook(tmp_path, COURSE)
    book.prepare(PS1, {"ps1.ipynb": making.assignment()}, {}, None)
    sent = making.submission(why="\\begin{a}" * 50_000)
    judged = engine.judge(making.assignment(), making.as_bytes(sent), {})
    book.record(MINJI, "김민지", PS1, datetime(2026, 11, 20, tzinfo=UTC), {"ps1.ipynb": b""}, {"ps1": judged})
    page = feedback.render(tmp_path, PS1, MINJI)["ps1.html"].decode()

    assert "cut here" in page
    assert len(page) < 300_000


@given(st.text(alphabet="<>/\"'=&; scriptonload\x00svg-!", max_size=80))
def test_no_odd_markup_comes_to_life(markup: str) -> None:
    page = feedback.sanitise(markup.encode())

    assert not re.search(r"<\s*(script|svg)|<[^>]*\son\w+=", body(page), re.IGNORECASE)


def test_what_a_page_says_stays() -> None:
    kept = (
        '<h4>ps1</h4><table class="dataframe" border="1"><tbody><tr><td style="text-align: right; color: rgb(1, 2, 3)">1</td></tr></tbody></table>'
        '<img src="data:image/png;base64,iVBORw0KGgo=" alt="plot"><span class="k">def</span><a href="#why">Test cell</a>'
    )
    page = feedback.sanitise(kept.encode()).decode()

    for part in (
        'class="dataframe"',
        "text-align:right",
        "data:image/png;base64,iVBORw0KGgo=",
        'class="k"',
        'href="#why"',
    ):
        assert part in page


def test_sanitising_again_changes_nothing() -> None:
    once = feedback.sanitise("<p>안녕 <b>굵게</b> &lt;script&gt;</p>".encode())

    assert feedback.sanitise(once) == once


def test_a_page_carries_its_own_policy() -> None:
    page = feedback.sanitise(b"<p>x</p>").decode()

    assert "default-src 'none'" in page
    assert "<script" not in page


@pytest.fixture(scope="module")
def page(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The feedback of a student who shows a live picture, fails the hidden test, and prints what he can find of it."""
    folder = tmp_path_factory.mktemp("course")
    book = CourseBook(folder, COURSE)
    book.prepare(PS1, {"ps1.ipynb": making.assignment()}, {"ps1.ipynb": making.as_bytes(making.submission())}, None)
    show = (
        "from IPython.display import HTML, display\n"
        "display(HTML('<script>fetch(1)</script><img src=x onerror=alert(1)><b>bold</b>'))"
    )
    sent = making.submission(
        add="def add(a, b):\n    print(a, 'was asked')\n    return 5 if a == 2 else 0", before=show
    )
    sent.cells.append(making.code("print('\\n'.join(In)); print(repr(In))"))
    judged = engine.judge(making.assignment(), making.as_bytes(sent), {})
    book.record(
        MINJI, "김민지", PS1, datetime(2026, 11, 20, tzinfo=UTC), {"ps1.ipynb": making.as_bytes(sent)}, {"ps1": judged}
    )
    pages = feedback.render(folder, PS1, MINJI)
    return pages["ps1.html"].decode()


def test_feedback_shows_scores_answers_and_outputs(page: str) -> None:
    assert "Score: 0.0 / 2.0" in page
    assert "Score: 1.0 / 1.0" in page
    assert "It adds." in page
    assert "<b>bold</b>" in page


def test_feedback_has_nothing_live(page: str) -> None:
    assert not LIVE.search(page.split("<body>")[1])


def test_feedback_tells_nothing_of_hidden_tests(page: str) -> None:
    bare = re.sub(r"<[^>]*>", "", page)

    assert "assert add(2, 3) == 5" in bare
    for secret in ("9173", "secret_expected", "HIDDEN TESTS", "hidden numbers", "9000 was asked"):
        assert secret not in bare
    assert "숨은 시험의 출력은 보이지 않습니다" in bare


def test_what_a_hidden_test_made_the_students_code_print_is_not_shown() -> None:
    source = read_source(making.assignment())
    ran = source.notebook
    ran.cells[2].outputs = [new_output("stream", name="stdout", text="9000 was asked\n")]
    ran.cells[4].outputs = [new_output("stream", name="stdout", text="the student's own\n")]
    shown = feedback.hide(source, ran)

    assert "9000" not in str(shown)
    assert shown.cells[4].outputs == ran.cells[4].outputs


def test_feedback_before_judging_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        feedback.render(tmp_path, PS1, MINJI)
