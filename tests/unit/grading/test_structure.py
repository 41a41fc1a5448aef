"""Notebooks whose structure was changed, or that are no notebooks at all."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from bitgoeul.errors import InputError
from bitgoeul.grading.engine import Engine, Judged
from tests.unit.grading import making
from tests.unit.grading.conftest import hold_common_points, machine, still_running


def judge(engine: Engine, notebook: object) -> Judged:
    return engine.judge(making.assignment(), making.as_bytes(notebook), {})


def attack(engine: Engine, sent: bytes, folder: Path) -> Judged:
    """Judge, and hold what has to hold after every attack of the list."""
    before = machine(folder)
    judged = engine.judge(making.assignment(), sent, {})
    hold_common_points(engine, judged, sent, before, folder)
    return judged


def test_a23_points_come_from_the_source(engine: Engine, tmp_path: Path) -> None:
    sent = making.submission()
    for cell in sent.cells[1:]:
        cell.metadata["nbgrader"]["points"] = 1000
    verdict = attack(engine, making.as_bytes(sent), tmp_path).verdict

    assert (verdict.score, verdict.max_score) == (3.0, 6.0)
    assert "metadata-changed:add-check" in verdict.flags


def test_a24_an_edited_test_cell_is_run_as_it_was_released(engine: Engine, tmp_path: Path) -> None:
    sent = making.submission(add="def add(a, b):\n    return 0")
    sent.cells[2].source = "pass"
    verdict = attack(engine, making.as_bytes(sent), tmp_path).verdict

    assert verdict.cells["add-check"].score == 0
    assert verdict.cells["add-check"].message.startswith("AssertionError")
    assert verdict.flags == ("locked-cell-edited:add-check",)


def test_an_edited_locked_cell_is_restored(engine: Engine) -> None:
    sent = making.submission()
    sent.cells[0].source = "greeting = 'bye'"
    verdict = judge(engine, sent).verdict

    assert verdict.score == 3
    assert verdict.flags == ("locked-cell-edited:given",)


def test_a25_deleted_cells_are_put_back_in_their_places(engine: Engine, tmp_path: Path) -> None:
    sent = making.submission()
    del sent.cells[4], sent.cells[2], sent.cells[0]
    verdict = attack(engine, making.as_bytes(sent), tmp_path).verdict

    assert verdict.score == 3
    assert set(verdict.flags) == {"cell-missing:given", "cell-missing:add-check", "cell-missing:last-check"}


def test_an_empty_notebook_is_judged_with_every_question_at_zero(engine: Engine) -> None:
    verdict = judge(engine, making.notebook()).verdict

    assert (verdict.score, verdict.max_score) == (0.0, 6.0)
    assert set(verdict.cells) == {"add-check", "last-check", "why"}
    assert verdict.cells["add-check"].message.startswith("NameError")


def test_a26_of_two_cells_with_one_id_exactly_one_is_graded_as_released(engine: Engine, tmp_path: Path) -> None:
    sent = making.submission(add="def add(a, b):\n    return 0")
    sent.cells.append(making.test_cell("add-check", 2, "pass"))
    verdict = attack(engine, making.as_bytes(sent), tmp_path).verdict

    assert verdict.cells["add-check"].score == 0
    assert verdict.max_score == 6
    assert "duplicate:add-check" in verdict.flags


@pytest.mark.parametrize("spec", [{"name": "bash", "display_name": "x"}, "bash", {}, {"name": ["bash"]}])
def test_a27_the_kernel_is_the_sources(engine: Engine, tmp_path: Path, spec: object) -> None:
    sent = json.loads(making.as_bytes(making.submission()))
    sent["metadata"]["kernelspec"] = spec
    judged = attack(engine, making.raw(sent), tmp_path)

    assert judged.verdict.score == 3
    assert judged.verdict.flags == ("kernel-changed",)
    assert json.loads(judged.notebook)["metadata"]["kernelspec"]["name"] == "python3"


def test_tags_cannot_keep_a_test_from_running(engine: Engine) -> None:
    sent = making.submission(add="def add(a, b):\n    return 0")
    for cell in sent.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception"]
    verdict = judge(engine, sent).verdict

    assert verdict.cells["add-check"].score == 0
    assert verdict.cells["last-check"].score == 1


def test_a_test_cell_made_into_text_or_stripped_of_its_role_is_graded_all_the_same(engine: Engine) -> None:
    sent = making.submission(add="def add(a, b):\n    return 0")
    sent.cells[2] = making.answer("add-check", 2, "Markdown now")
    sent.cells[4].metadata["nbgrader"].update(grade=False, points=0)
    verdict = judge(engine, sent).verdict

    assert verdict.cells["add-check"].score == 0
    assert verdict.cells["last-check"].score == 1
    assert {"metadata-changed:add-check", "metadata-changed:last-check"} <= set(verdict.flags)


@pytest.mark.parametrize(
    "meta", ["text", [], 5, {"grade_id": 7}, {"grade_id": "add"}, {"grade": "yes"}, {"x": {}}, None]
)
def test_odd_metadata_of_nbgrader_is_put_right(engine: Engine, meta: object) -> None:
    sent = json.loads(making.as_bytes(making.submission()))
    sent["cells"][1]["metadata"]["nbgrader"] = meta
    verdict = engine.judge(making.assignment(), making.raw(sent), {}).verdict

    assert verdict.cells["add-check"].score == 2


def test_unknown_ids_are_told_and_earn_nothing(engine: Engine) -> None:
    sent = making.submission()
    sent.cells.append(making.test_cell("bonus", 100, "pass"))
    verdict = judge(engine, sent).verdict

    assert verdict.max_score == 6
    assert verdict.flags == ("cell-unknown:bonus",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b'{"nbformat":4, "cells": [',
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        b'{"nbformat": "4", "cells": []}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {}}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [5]}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": ["code"]}]}',
        b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": {"a": 1}, "metadata": {}}]}',
        b'{"nbformat": 3, "worksheets": 5}',
        b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code"}]}]}',
        b'{"metadata":' + b'{"a":' * 100_000,
        b'{"nbformat": 4, "cells": [], "metadata":' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_a28_a29_what_is_no_notebook_gets_one_plain_sentence(engine: Engine, tmp_path: Path, data: bytes) -> None:
    before = machine(tmp_path)
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        engine.judge(making.assignment(), data, {})

    assert time.monotonic() - began < 1
    assert judge(engine, making.submission()).verdict.score == 3
    assert (machine(tmp_path), still_running()) == (before, [])
    assert "\n" not in caught.value.text.en
    assert "Traceback" not in caught.value.text.en


def test_notebooks_of_format_3_are_upgraded(engine: Engine) -> None:
    cells = [{"cell_type": "code", "language": "python", "input": "x = 1", "outputs": [], "metadata": {}}]
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    judged = engine.judge(making.assignment(), making.raw(old), {})

    assert judged.verdict.max_score == 6
    assert "x = 1" in judged.notebook.decode()


@pytest.mark.parametrize("name", ["test-v0", "test-v1", "test-v2"])
def test_nbgraders_older_metadata_is_upgraded(engine: Engine, name: str) -> None:
    old = (making.NBGRADER_FILES / f"{name}.ipynb").read_bytes()
    verdict = engine.judge((making.NBGRADER_FILES / "test.ipynb").read_bytes(), old, {}).verdict

    assert (verdict.score, verdict.max_score) == (3.0, 6.0)
    assert verdict.flags == ()


def test_a_source_that_nbgrader_could_not_release_is_told_as_such(engine: Engine) -> None:
    broken = making.data(making.solution("a", "### BEGIN SOLUTION\nx = 1"))

    with pytest.raises(InputError, match="no end solution"):
        engine.judge(broken, making.data(), {})
