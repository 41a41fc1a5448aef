"""From what a cell did to points and words, without a sandbox."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from bitgoeul.grading.running import CellRun, Why, error_output
from bitgoeul.grading.sanitise import read_source
from bitgoeul.grading.scoring import Scored, points, score
from tests.unit.grading import making


def result(text: str) -> NotebookNode:
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def scored(*outputs: NotebookNode, status: str = "ok", why: Why = "", **more: bool) -> Scored:
    source = read_source(making.data(making.test_cell("t", 2, "assert True")))
    cell = source.notebook.cells[0]
    cell.outputs = list(outputs)
    found = score(source, cell, CellRun(status, tuple(outputs), why=why, **more))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("outputs", "earned", "flag"),
    [
        ([], 2, None),
        ([result("1.5")], 1.5, None),
        ([result("0")], 0, None),
        ([result("'word'")], 2, None),
        ([result("3")], 0, "partial-credit-too-high"),
        ([result("nan")], 0, "partial-credit-odd"),
        ([result("inf")], 0, "partial-credit-too-high"),
        ([result("2.0"), result("0.5")], 0, "partial-credit-odd"),
        ([result("0.5"), result("'word'")], 0.5, None),
        ([new_output("stream", name="stderr", text="50%")], 2, None),
        ([new_output("display_data", data={"text/html": "x"})], 2, None),
        ([new_output("execute_result", data={"text/html": "x"}, execution_count=1)], 2, None),
    ],
)
def test_points_follow_nbgraders_rule(outputs: list[NotebookNode], earned: float, flag: str | None) -> None:
    assert points(outputs, 2) == (earned, flag)


def test_an_error_means_no_points_whatever_was_shown_before_it() -> None:
    found = scored(result("2"), error_output("AssertionError", "no"), status="error").verdict

    assert (found.score, found.outcome, found.message) == (0, "failed", "AssertionError: no")


def test_another_exception_is_an_error_with_its_name_first() -> None:
    found = scored(error_output("NameError", "name 'x' is not defined"), status="error").verdict

    assert (found.outcome, found.message) == ("error", "NameError: name 'x' is not defined")


def test_a_message_is_plain_text_of_bounded_length() -> None:
    found = scored(error_output("E\x1b[31mrr", "\x1b[0mx\u202e" * 5000), status="error").verdict

    assert found.message.startswith("Err: xx")
    assert len(found.message) <= 2000


@pytest.mark.parametrize(
    ("status", "why", "reason"),
    [
        ("timeout", "cell-time", "time limit"),
        ("timeout", "total-time", "wall-time limit"),
        ("killed", "memory", "memory limit"),
        ("killed", "output", "output limit"),
        ("killed", "process-ended", "student process ended"),
        ("not_run", "total-time", "wall-time limit"),
        ("not_run", "", "not run"),
    ],
)
def test_each_end_has_a_reason_in_both_languages(status: str, why: Why, reason: str) -> None:
    found = scored(status=status, why=why).verdict

    assert (found.score, found.outcome) == (0, status)
    assert found.message.startswith(f"{reason}: ")
    assert " / " in found.message


def test_limits_that_show_as_exceptions_are_explained_below_them() -> None:
    disk = scored(error_output("OSError", "[Errno 28] No space left on device"), status="error").verdict
    forks = scored(error_output("BlockingIOError", "[Errno 11] again"), status="error").verdict
    full = scored(error_output("ValueError", "x"), status="error", disk_full=True).verdict

    assert disk.message.splitlines()[1].startswith("disk limit")
    assert forks.message.splitlines()[1].startswith("process limit")
    assert full.message.splitlines()[1].startswith("disk limit")
