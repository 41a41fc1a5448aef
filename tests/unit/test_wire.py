"""Messages survive a round trip, and nothing that does not fit gets in."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul import wire
from bitgoeul.errors import InputError

numbers = st.floats(allow_nan=False, allow_infinity=False)
cells = st.builds(
    wire.CellVerdict,
    score=numbers,
    max_score=numbers,
    outcome=st.sampled_from(["passed", "failed", "manual"]),
    message=st.text(),
    hidden=st.booleans(),
)
verdicts = st.builds(
    wire.Verdict,
    score=numbers,
    max_score=numbers,
    flags=st.lists(st.text()).map(tuple),
    cells=st.dictionaries(st.text(), cells),
    doubts=st.dictionaries(st.text(), st.builds(wire.Doubt, test=st.text(), complement=st.text(), points=numbers)),
    environment=st.text(),
    checker_sha256=st.text(),
)
GOOD = wire.plain(wire.Verdict(1.0, 2.0, cells={"q1": wire.CellVerdict(1.0, 2.0, "passed")}))


@given(verdicts)
def test_a_verdict_survives_the_wire(verdict: wire.Verdict) -> None:
    assert wire.read(wire.Verdict, wire.write(verdict)) == verdict


def test_a_verdict_of_before_a_field_was_added_still_reads() -> None:
    added = ("doubts", "environment", "checker_sha256")
    old = {name: value for name, value in GOOD.items() if name not in added}

    assert wire.read(wire.Verdict, old) == wire.read(wire.Verdict, GOOD)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"score": "1"}, "Verdict.score"),
        ({"score": True}, "Verdict.score"),
        ({"score": float("nan")}, "Verdict.score"),
        ({"score": float("inf")}, "Verdict.score"),
        ({"flags": "abc"}, "Verdict.flags"),
        ({"flags": [1]}, "Verdict.flags[0]"),
        ({"cells": {"q1": {"score": 1.0, "max_score": 1.0, "outcome": "great"}}}, "Verdict.cells.q1.outcome"),
        ({"cells": {"q1": {"score": 1.0, "max_score": 1.0}}}, "outcome"),
        ({"cells": [1]}, "Verdict.cells"),
        ({"extra": 1}, "extra"),
        ({"doubts": {"q1": {"test": "passed", "complement": "passed"}}}, "points"),
        ({"seed": 1.5}, "Verdict.seed"),
        ({"isolation": "x" * 2_000_000}, "Verdict.isolation"),
        ({"flags": ["x"] * 20_000}, "Verdict.flags"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        wire.read(wire.Verdict, GOOD | change)

    assert field in caught.value.text.en
    assert len(caught.value.text.en) < 500


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"{", b"[" * 100_000, b'"x"', b"null"])
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        wire.read(wire.Verdict, data)


def test_times_are_utc_and_sort_as_text() -> None:
    early = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    assert wire.stamp(early) == "2026-11-22T10:00:00.000000Z"
    assert wire.moment(wire.stamp(early)) == early


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-22T10:00:00", None])
def test_a_time_without_an_offset_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        wire.moment(text)


def test_importing_the_messages_costs_nothing_but_the_standard_library() -> None:
    code = "import sys, json; import bitgoeul.wire; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    found = set(
        json.loads(
            subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
        )
    )

    assert found & {"pydantic", "sqlalchemy", "fastapi", "jupyterhub", "nbformat", "tornado"} == set()
