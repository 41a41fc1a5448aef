"""The example in docs/instructor/authoring.md is a course: what the page says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from bitgoeul.curriculum.checking import check
from bitgoeul.curriculum.loading import load_course
from bitgoeul.curriculum.matrix import Kind
from tests.fakes.exec_judge import judge

PAGE = (Path(__file__).parents[3] / "docs" / "instructor" / "authoring.md").read_text(encoding="utf-8")


def test_the_example_course_builds_and_lacks_only_more_friends_and_mutants(tmp_path) -> None:
    blocks = re.findall(r"^```(toml|python)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    names = ("course.toml", "01-mean/assignment.py", "01-mean/friends/library.py", "01-mean/mutants/floor.py")
    for name, (_, text) in zip(names, blocks, strict=True):
        path = tmp_path / "track" / "means" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    matrix = check(load_course(tmp_path / "track" / "means", whole=True).assignments[0], judge)

    assert [(finding.kind, finding.row) for finding in matrix.findings] == [
        ("too-few", "friends"),
        ("too-few", "mutants"),
    ]


def test_every_kind_of_finding_is_told_in_both_languages() -> None:
    korean, english = PAGE.split("# Writing a course, in English")
    kinds = get_args(Kind)

    assert [kind for kind in kinds if f"`{kind}`" not in korean] == []
    assert [kind for kind in kinds if f"`{kind}`" not in english] == []
