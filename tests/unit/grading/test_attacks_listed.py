"""The forgeries A01 to A10 before plain nbgrader cells; and that every attack of the list, A01 to A30, has its test.

Before a checker the same ten stand in test_checker_attacks.py. A11 to A22 are in test_attacks.py, A23 to A29 in
test_structure.py; A30 is in the tests of what shows or exports a student's words.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bitgoeul.wire import CellVerdict
from tests.unit.grading import making
from tests.unit.grading.conftest import Attack
from tests.unit.grading.listed import FORGERIES

ADD = "secret_expected=9173\nassert add(9000,173)==secret_expected"
ARR = "import numpy as np\nnp.testing.assert_allclose(arr(4),[0,1,4,9])"
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
RIGHT = "def add(a, b): return a + b\ndef arr(n): return [i * i for i in range(n)]"


def source() -> bytes:
    return making.data(
        making.solution("s", f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION"),
        making.test_cell("visible", 1, "assert add(2, 3)==5"),
        making.test_cell("add-check", 5, HIDDEN.format(ADD)),
        making.test_cell("arr-check", 5, HIDDEN.format(ARR)),
        making.test_cell("last-check", 1, "assert last == 7"),
    )


def sent(code: str):
    return making.notebook(
        making.solution("s", f"last = 7\n{code}"),
        making.test_cell("visible", 1, "assert add(2, 3)==5"),
        making.test_cell("add-check", 5, ""),
        making.test_cell("arr-check", 5, ""),
        making.test_cell("last-check", 1, "assert last == 7"),
    )


def cells(attack: Attack, code: str) -> tuple[dict[str, CellVerdict], tuple[str, ...]]:
    verdict = attack(sent(code), source()).verdict
    return verdict.cells, verdict.flags


def test_the_right_solution_gets_all_points_of_the_frame(attack: Attack) -> None:
    found, flags = cells(attack, RIGHT)

    assert sum(cell.score for cell in found.values()) == 12
    assert flags == ()


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_before_nbgrader_cells_earns_nothing(attack: Attack, name: str) -> None:
    found, flags = cells(attack, FORGERIES[name])

    for hidden in ("add-check", "arr-check"):
        assert found[hidden].score == 0
        assert found[hidden].outcome in ("failed", "error", "killed", "timeout")
        assert not found[hidden].message.startswith("waits for a person") or f"complement:{hidden}" in flags


@pytest.mark.parametrize("name", [name for name in FORGERIES if name.startswith("A05")])
def test_a05_the_early_exit_is_named_and_the_other_questions_are_graded(attack: Attack, name: str) -> None:
    found, _ = cells(attack, FORGERIES[name])

    assert found["last-check"].score == 1
    assert found["add-check"].message.startswith(("student process ended", "SystemExit"))


def test_a09_hard_coded_answers_pass_the_visible_test_alone(attack: Attack) -> None:
    found, flags = cells(attack, FORGERIES["A09 hard-coded"])

    assert {name: cell.score for name, cell in found.items()} == {
        "visible": 1, "add-check": 0, "arr-check": 0, "last-check": 1,
    }  # fmt: skip
    assert flags == ()


def test_every_attack_of_the_list_has_its_test() -> None:
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py")]
    numbers = {
        int(number)
        for text in (*texts, "\n".join(f'"{name}' for name in FORGERIES))
        for head in re.findall(r'(?:def test|")((?:_?[aA]\d\d)+)[_ ]', text)
        for number in re.findall(r"\d\d", head)
    }

    assert numbers >= set(range(1, 31))
