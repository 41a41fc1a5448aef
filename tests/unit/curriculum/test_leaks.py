"""No student reads an answer, wherever in a release it may have slipped in."""

from __future__ import annotations

import json

import nbformat
import pytest

from bitgoeul.curriculum.building import build
from bitgoeul.curriculum.leaks import Secret, leaks, secrets
from bitgoeul.curriculum.releasing import NBGRADERS_OWN

LINE = 'return "답은 " + str(total / len(values))'


def found(course) -> tuple[list[Secret], dict[str, bytes]]:
    course.spoil("01-mean/assignment.py", "return total / len(values)", LINE)
    built = build(course.assignment())
    source = nbformat.reads(built.source["ko"]["mean.ipynb"].decode(), as_version=4)
    return secrets(source, NBGRADERS_OWN.regions()), dict(built.release["ko"])


def test_a_clean_release_has_no_leak(course) -> None:
    secret, release = found(course)

    assert leaks(secret, release) == []
    assert {item.region for item in secret} == {"SOLUTION", "HIDDEN TESTS", "MARK SCHEME"}


@pytest.mark.parametrize(
    "plant",
    [
        lambda book: book["cells"][0]["source"].append(f"\nhint: {LINE}"),
        lambda book: book["cells"][1]["outputs"].append({"output_type": "stream", "name": "stdout", "text": [LINE]}),
        lambda book: book["cells"][1]["metadata"].update(note=LINE),
        lambda book: book["metadata"].update(note={"deep": [LINE]}),
        lambda book: book["cells"][1]["metadata"].update({LINE: 1}),
        lambda book: book["cells"][2]["source"].append('\n    return  "답은 " + str(total /  len(values))'),
    ],
    ids=["prose", "output", "cell metadata", "notebook metadata", "key", "other spaces"],
)
def test_an_answer_in_a_notebook_is_found_wherever_it_is(course, plant) -> None:
    secret, release = found(course)
    book = json.loads(release["mean.ipynb"])
    plant(book)
    release["mean.ipynb"] = json.dumps(book).encode()  # with \\uXXXX for Korean letters

    assert [(item.line, place.split(",")[0]) for item, place in leaks(secret, release)] == [(LINE, "mean.ipynb")]


def test_an_answer_in_a_file_beside_the_notebook_is_found(course) -> None:
    secret, release = found(course)
    release["help.py"] = f"def mean(values):\n    {LINE}\n".encode()
    release["broken.ipynb"] = f"{{ {LINE}".encode()

    assert {place for _, place in leaks(secret, release)} == {"help.py", "broken.ipynb"}


@pytest.mark.parametrize(
    "line",
    [
        "import numpy as np, sys",
        "for value in values:",
        "else:",
        "x = 1",
        "# a comment, and a long one",
        "|---|---|---|---|---|---|",
    ],
)
def test_lines_that_say_nothing_are_no_secrets(line: str) -> None:
    cell = nbformat.v4.new_code_cell(f"### BEGIN SOLUTION\n{line}\n### END SOLUTION")
    book = nbformat.v4.new_notebook(cells=[cell])

    assert secrets(book, NBGRADERS_OWN.regions()) == []


def test_what_prepares_a_hidden_test_may_be_shared() -> None:
    lines = "rng = np.random.default_rng(7)\nassert mean(rng.normal(size=9)) < 4"
    cell = nbformat.v4.new_code_cell(f"### BEGIN HIDDEN TESTS\n{lines}\n### END HIDDEN TESTS")

    (secret,) = secrets(nbformat.v4.new_notebook(cells=[cell]), NBGRADERS_OWN.regions())

    assert secret.line.startswith("assert")
