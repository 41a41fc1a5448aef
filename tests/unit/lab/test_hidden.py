"""Nothing of a hidden test reaches the page a student reads, whatever the student's code prints."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from bitgoeul.lab.hidden import strip_hidden

SECRET = "assert mean([3, 5, 100]) == 36"
TEST = f"assert mean([1]) == 1\n### BEGIN HIDDEN TESTS\n{SECRET}\nelse:\n### END HIDDEN TESTS\nassert True"


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": list(outputs)}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def error(*traceback: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "AssertionError", "evalue": "wanted 36", "traceback": list(traceback)}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_the_source_keeps_its_visible_tests_only() -> None:
    stripped = strip_hidden(notebook(code(TEST)))

    assert stripped["cells"][0]["source"] == "assert mean([1]) == 1\nassert True"


def test_a_failing_hidden_test_shows_that_it_failed_and_no_more() -> None:
    shown = strip_hidden(notebook(code(TEST, stream("got 36"), error("----> 3 " + SECRET))))["cells"][0]["outputs"]

    assert [output["output_type"] for output in shown] == ["error"]
    assert shown[0]["ename"] == "AssertionError"
    assert "36" not in json.dumps(shown)


@pytest.mark.parametrize(
    "dress",
    [
        stream(SECRET),
        stream(repr([TEST])),
        stream(SECRET.replace("(", "\x1b[31m(\x1b[0m")),
        stream("\n".join(SECRET.split(" "))),
        {"output_type": "execute_result", "data": {"text/plain": repr(TEST)}, "metadata": {}, "execution_count": 2},
        {"output_type": "display_data", "data": {"text/html": f"<pre>{SECRET}</pre>"}, "metadata": {}},
        error("in cell", SECRET),
    ],
)
def test_a_later_cell_that_prints_the_tests_is_blanked(dress: dict[str, Any]) -> None:
    shown = json.dumps(strip_hidden(notebook(code(TEST), code("print(In)", dress)))["cells"][1]["outputs"])

    assert "[3, 5, 100]" not in shown
    assert "36" not in shown


def test_honest_outputs_stay_as_they_are() -> None:
    kept = [stream("mean: 3.0\n"), error("ValueError: else:")]

    assert strip_hidden(notebook(code("work()", *kept), code(TEST)))["cells"][0]["outputs"] == kept


def test_an_unfinished_region_hides_the_rest_of_the_cell() -> None:
    stripped = strip_hidden(notebook(code(f"a = 1\n### BEGIN HIDDEN TESTS\n{SECRET}")))

    assert stripped["cells"][0]["source"] == "a = 1"


def test_a_source_in_lines_is_read_too() -> None:
    cell = code("")
    cell["source"] = TEST.splitlines(keepends=True)

    assert SECRET not in json.dumps(strip_hidden(notebook(cell)))


def test_prose_stays_prose_and_the_given_notebook_stays_as_it_was() -> None:
    given = notebook({"cell_type": "markdown", "metadata": {}, "source": "# 안녕"}, code(TEST))
    before = json.dumps(given)
    stripped = strip_hidden(given)

    assert stripped["cells"][0] == {"cell_type": "markdown", "metadata": {}, "source": "# 안녕"}
    assert json.dumps(given) == before


def test_what_it_cannot_know_is_said_in_a_test() -> None:
    """An encoded copy passes: only judging outside the student's process keeps a test secret from him."""
    coded = base64.b64encode(SECRET.encode()).decode()

    assert coded in json.dumps(strip_hidden(notebook(code(TEST), code("x", stream(coded)))))
