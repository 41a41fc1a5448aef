"""Checkers stand beside the assignments they judge, and know nothing of ours but what is theirs to know."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bitgoeul.curriculum.loading import load_courses
from bitgoeul.hackathon.loading import load_challenges

ROOT = Path(__file__).parents[3]
CHECKERS = sorted((ROOT / "graders").rglob("*.py"))
ALLOWED = ("bitgoeul.checks", "bitgoeul.datasets", "bitgoeul.errors", "bitgoeul.names", "bitgoeul.wire")


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_checker_imports_nothing_else_of_ours(checker: Path) -> None:
    nodes = list(ast.walk(ast.parse(checker.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]

    assert not [name for name in names if name.startswith(("bitgoeul", "graders")) and name not in ALLOWED]


def test_every_checker_is_found_by_an_assignment() -> None:
    found = {assignment.checker for course in load_courses(ROOT / "curriculum") for assignment in course.assignments}
    found |= {challenge.scorer for challenge in load_challenges(ROOT / "curriculum")}

    assert set(CHECKERS) <= found
    assert CHECKERS
