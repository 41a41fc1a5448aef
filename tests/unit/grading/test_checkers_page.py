"""docs/instructor/checkers.md: its example works, and it tells every method that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bitgoeul.grading.checking_student import Handle, Student
from bitgoeul.grading.engine import Engine
from bitgoeul.settings import Grading
from tests.unit.grading import making

RIGHT = (
    "def mean_height(rows):\n    known = [row['height'] for row in rows if row['height'] is not None]\n"
    "    return sum(known) / len(known) if known else None\n"
    "def tallest(heights): return max(heights)\n"
)
WRONG = (
    "def mean_height(rows): return sum(row['height'] or 0 for row in rows) / max(1, len(rows))\n"
    "def tallest(heights):\n    heights.sort()\n    return heights[-1]\n"
)


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs/instructor/checkers.md").read_text(encoding="utf-8")


def test_the_example_judges_a_right_and_a_wrong_answer(page: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    checker = tmp_path / "example.py"
    checker.write_text(example, encoding="utf-8")
    tests = [making.test_cell("mean-check", 2, "mean_height"), making.test_cell("tallest-check", 1, "tallest")]
    source = making.data(making.solution("s", f"### BEGIN SOLUTION\n{RIGHT}### END SOLUTION"), *tests)
    engine = Engine(Grading())
    right, wrong = (
        engine.judge(source, making.data(making.solution("s", code), *tests), {}, checker=checker).verdict
        for code in (RIGHT, WRONG)
    )

    assert (right.score, wrong.score) == (3.0, 0.0)
    assert wrong.cells["tallest-check"].message == "AssertionError: 받은 목록이 바뀌었습니다 / The list was changed"


def test_every_method_is_told_in_both_languages(page: str) -> None:
    korean, english = page.split("## English")
    methods = {name for name in vars(Student) if not name.startswith("_")} - {"begin", "end"}
    told = {f"student.{name}" for name in methods} | {
        f".{name}(" for name in vars(Handle) if name in ("call", "take", "get", "value")
    }

    for text in (korean, english):
        assert not [name for name in told if name not in text]
