"""A checker's figures are told to authors alone, and a seed gives the same judgement again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bitgoeul.grading.engine import Engine
from bitgoeul.settings import Grading
from bitgoeul.wire import Figure
from tests.unit.grading.test_checker import judge_by

INPUTS = """
asked = [student.random.randrange(10**9), int(student.rng.integers(10**9))]
student.figure("{name}", student.call("weigh", asked), at_least=0, at_most=3e9)
"""
WEIGH = "def weigh(asked): return asked[0] + asked[1]"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Grading(cell_seconds=60, total_seconds=120))


@pytest.mark.parametrize(
    ("value", "thresholds", "passes"),
    [
        ("0.9", "at_least=0.86", True),
        ("0.8", "at_least=0.86", False),
        ("0.01", "at_least=-0.05, at_most=0.05", True),
        ("-0.06", "at_least=-0.05, at_most=0.05", False),
        ("0.06", "at_least=-0.05, at_most=0.05", False),
        ("float('nan')", "at_most=0.05", False),
        ("float('nan')", "at_least=0.05", False),
    ],
)
def test_a_figure_beyond_its_thresholds_costs_the_blocks_points(
    engine: Engine, tmp_path: Path, value: str, thresholds: str, passes: bool
) -> None:
    judged = judge_by(engine, tmp_path, "pass", f"student.figure('f', {value}, {thresholds})")

    assert judged.verdict.cells["t"].outcome == ("passed" if passes else "failed")
    assert [figure.name for figure in judged.figures] == ["f"]
    assert "f'" not in judged.verdict.cells["t"].message


def test_a_figure_has_a_message_of_its_own(engine: Engine, tmp_path: Path) -> None:
    body = "student.figure('f', 1, at_most=0, message={'ko': '너무 많습니다', 'en': 'too much'})"
    (cell,) = judge_by(engine, tmp_path, "pass", body).verdict.cells.values()

    assert cell.message == "AssertionError: 너무 많습니다 / too much"


def test_the_same_seed_gives_the_same_verdict_and_inputs_and_another_seed_others(
    engine: Engine, tmp_path: Path
) -> None:
    bodies = [INPUTS.format(name=name) for name in ("one", "two")]
    first, again, other = (judge_by(engine, tmp_path, WEIGH, *bodies, seed=seed) for seed in (11, 11, 12))

    assert again.verdict == first.verdict
    assert again.notebook == first.notebook
    assert again.figures == first.figures
    assert {figure.name for figure in first.figures} == {"one", "two"}
    assert first.figures[0].value != first.figures[1].value
    assert not {figure.value for figure in other.figures} & {figure.value for figure in first.figures}
    assert dataclasses.replace(other.verdict, seed=11) == first.verdict


def test_a_block_draws_the_same_whatever_became_of_the_one_before(engine: Engine, tmp_path: Path) -> None:
    """Inputs that depended on earlier answers would make a replay of a spoilt submission another test."""
    bodies = ["assert student.call('first')", INPUTS.format(name="second")]
    rest = f"\n{WEIGH}"
    ways = ["return True", "return False", "import os; os._exit(1)", "import os; os.kill(os.getppid(), 9)"]
    seconds = [judge_by(engine, tmp_path, f"def first(): {way}{rest}", *bodies, seed=5).figures for way in ways]

    assert len(set(seconds)) == 1
    assert [type(figure) for figure in seconds[0]] == [Figure]
