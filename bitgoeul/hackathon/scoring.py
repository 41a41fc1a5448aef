"""Scores one file: a built-in metric here, a challenge's own program in the sandbox. Both splits in one go.

What comes out is a finite number or `ScorerFailed`, which is the host's affair and never a participant's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from bitgoeul.errors import ScorerFailed
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.building import Answers, problem, truth_of, wanted
from bitgoeul.hackathon.files import read
from bitgoeul.hackathon.metrics import Guess, Score, Undefined, score
from bitgoeul.hackathon.model import Challenge

MARK = "BITGOEUL-SCORES "
_PROGRAM = f"""
import json, runpy
asked = json.load(open("asked.json"))
score = runpy.run_path("scorer.py")["score"]
found = {{name: score(**asked[name]) for name in ("public", "private")}}
print({MARK!r} + json.dumps({{name: value if type(value) in (int, float) else repr(type(value)) for name, value in found.items()}}))
"""


@dataclass(frozen=True)
class Scores:
    """Of one file, both splits."""

    public: Score
    private: Score


def score_file(challenge: Challenge, answers: Answers, data: bytes, engine: Engine | None = None) -> Scores:
    """Read and score a file; raise `AnswerError` for a file with faults and `ScorerFailed` when scoring fails."""
    return score_guess(challenge, answers, read(data, wanted(challenge, answers)), engine)


def score_guess(challenge: Challenge, answers: Answers, guess: Guess, engine: Engine | None = None) -> Scores:
    """Score what was read."""
    if challenge.record.metric.own:
        return _own(challenge, answers, guess, engine)
    found = []
    for split in ("public", "private"):
        rows = answers.chosen(split)
        try:
            found.append(score(problem(challenge.record.metric, answers, split), tuple(c[rows] for c in guess)))
        except Undefined as error:
            raise failed(f"{split}: {error}") from None
    return Scores(*found)


def failed(why: str) -> ScorerFailed:
    """Say it to the participant without any value; `why` is for the host's log."""
    error = ScorerFailed(
        ko="채점 프로그램에 문제가 있어 점수를 매기지 못했습니다. 횟수는 줄지 않으며 운영자에게 알렸습니다.",
        en="Scoring failed on our side. It costs you nothing, and the organiser was told.",
    )
    error.add_note(why)
    return error


def _own(challenge: Challenge, answers: Answers, guess: Guess, engine: Engine | None) -> Scores:
    if engine is None:
        raise failed("an own metric needs the sandbox")
    metric = challenge.record.metric
    truth = truth_of(metric, answers)
    asked = {}
    for split in ("public", "private"):
        rows = answers.chosen(split)
        asked[split] = {
            "truth": {name: column[rows].tolist() for name, column in zip(metric.columns, truth, strict=True)},
            "guess": _named(metric.asked, tuple(column[rows] for column in guess)),
            "weight": np.array(answers.weight)[rows].tolist(),
            "group": np.array(answers.group)[rows].tolist(),
        }
    files = {"scorer.py": challenge.scorer.read_bytes(), "asked.json": json.dumps(asked).encode()}
    ran = engine.execute(nbformat.writes(new_notebook(cells=[new_code_cell(_PROGRAM)])).encode(), files)
    told = _told(ran.notebook)
    return Scores(*(Score(_finite(told, split, ran.killed), 0.0) for split in ("public", "private")))


def _named(names: tuple[str, ...], guess: Guess) -> dict[str, Any]:
    columns = guess[0].T if len(guess) == 1 and guess[0].ndim == 2 else guess
    return {name: column.tolist() for name, column in zip(names, columns, strict=True)}


def _told(notebook: bytes) -> Mapping[str, Any]:
    cells = nbformat.reads(notebook.decode(), as_version=4).cells
    printed = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))
    marked = [line.removeprefix(MARK) for line in printed.splitlines() if line.startswith(MARK)]
    found: Mapping[str, Any] = json.loads(marked[-1]) if marked else {}
    return found


def _finite(told: Mapping[str, Any], split: str, killed: str | None) -> float:
    found = told.get(split)
    if type(found) not in (int, float) or not math.isfinite(float(found or 0.0)):
        raise failed(f"{split}: {found!r}, {killed or 'it ran to its end'}")
    return float(found or 0.0) + 0.0
