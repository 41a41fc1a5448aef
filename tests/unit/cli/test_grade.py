"""`bitgoeul grade`, as a program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.grading import making


def grade(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bitgoeul", "grade", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "source.ipynb").write_bytes(making.assignment())
    (tmp_path / "right.ipynb").write_bytes(making.as_bytes(making.submission()))
    (tmp_path / "wrong.ipynb").write_bytes(making.as_bytes(making.submission(add="def add(a, b):\n    return 5")))
    (tmp_path / "broken.ipynb").write_bytes(b"\xff\xfe")
    return tmp_path


def test_json_has_score_flags_and_cells_and_the_exit_code_is_zero(folder: Path) -> None:
    done = grade(folder, "wrong.ipynb", "--source", "source.ipynb", "--json")
    told = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert (told["score"], told["max_score"], told["flags"]) == (1.0, 6.0, [])
    assert told["cells"]["last-check"] == {
        "score": 1.0, "max_score": 1.0, "outcome": "passed", "message": "", "hidden": False,
    }  # fmt: skip
    assert told["cells"]["add-check"]["outcome"] == "failed"


def test_without_json_a_table_is_printed(folder: Path) -> None:
    done = grade(folder, "right.ipynb", "--source", "source.ipynb")

    assert done.returncode == 0
    assert "3 / 6" in done.stdout
    assert "add-check" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("broken.ipynb", "--source", "source.ipynb"),
        ("missing.ipynb", "--source", "source.ipynb"),
        ("right.ipynb", "--source", "broken.ipynb"),
        ("right.ipynb",),
        ("right.ipynb", "--source", "source.ipynb", "--files", "nowhere"),
    ],
)
def test_unusable_input_is_told_in_a_sentence_with_exit_code_two(folder: Path, arguments: tuple[str, ...]) -> None:
    done = grade(folder, *arguments, "--json")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_data_beside_a_courses_source_lie_beside_the_notebook(tmp_path: Path) -> None:
    place = tmp_path / "source" / "ps1"
    place.mkdir(parents=True)
    (place / "rows.csv").write_bytes(b"1,2")
    (place / "ps1.ipynb").write_bytes(making.data(making.test_cell("t", 1, "assert open('rows.csv').read() == '1,2'")))
    done = grade(tmp_path, "source/ps1/ps1.ipynb", "--source", "source/ps1/ps1.ipynb", "--json")

    assert json.loads(done.stdout)["score"] == 1.0


def test_a_checker_decides_about_the_cells_that_it_names(folder: Path) -> None:
    (folder / "check.py").write_text(
        "def check(student, points):\n    with points('add-check', message={'ko': '합', 'en': 'sum'}):\n"
        "        assert student.call('add', student.seed, 1) == student.seed + 1\n"
    )
    done = grade(folder, "wrong.ipynb", "--source", "source.ipynb", "--checker", "check.py", "--json")
    lacking = grade(folder, "right.ipynb", "--source", "source.ipynb", "--checker", "nowhere.py")
    told = json.loads(done.stdout)

    assert (done.returncode, told["score"], told["seed"] > 0) == (0, 1.0, True)
    assert told["cells"]["add-check"]["message"] == "AssertionError: 합 / sum"
    assert told["cells"]["add-check"]["hidden"] is True
    assert (lacking.returncode, "nowhere.py" in lacking.stderr) == (2, True)
