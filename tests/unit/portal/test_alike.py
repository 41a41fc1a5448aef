"""A work is cut where a matching part begins or ends; whose work may be compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import Text
from bitgoeul.grading.similarity import Work
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.portal.alike import stretches
from bitgoeul.portal.rules import comparable
from bitgoeul.portal.store import Sheet

DUE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sheet(due: datetime | None, **extensions: datetime) -> Sheet:
    more = (1, DUE, ("a.ipynb",), ("ko",), 1.0, due, False, "now", None, extensions)
    return Sheet(CourseName("c"), AssignmentName("a"), Text("", ""), *more)


def test_only_work_that_was_due_is_compared() -> None:
    assert comparable(sheet(DUE), ["a", "b"], DUE - HOUR) is None
    assert comparable(sheet(DUE), ["a", "b"], DUE) == ["a", "b"]
    assert comparable(sheet(DUE, b=DUE + HOUR), ["a", "b"], DUE) == ["a"]
    assert comparable(sheet(None), ["a"], DUE) is None


parts = st.dictionaries(st.integers(1, 9), st.tuples(st.integers(1, 20), st.integers(0, 5)), max_size=5)


@given(st.integers(1, 20), parts)
def test_stretches_are_the_whole_work_and_each_part_begins_once(length: int, found: dict[int, tuple[int, int]]) -> None:
    within = {n: (first, min(first + more, length)) for n, (first, more) in found.items() if first <= length}
    cut = stretches(Work("a", tuple(f"line {n}" for n in range(1, length + 1)), "", ()), within)
    lines = "\n".join(stretch.text for stretch in cut).split("\n")
    begun = [number for stretch in cut for number in stretch.begins]

    assert lines == [f"line {n}" for n in range(1, length + 1)]
    assert sorted(begun) == sorted(within)
    for stretch in cut:
        last = stretch.first + stretch.text.count("\n")
        assert set(stretch.parts) == {n for n, (a, b) in within.items() if a <= stretch.first and last <= b}
