"""Scores one file: a built-in metric here, a challenge's own program in the sandbox. Both splits in one go.

What comes out is a finite number or `ScorerFailed`, which is the host's affair and never a participant's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook

from bitgoeul.errors import ScorerFailed
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.building import Answers, problem, truth_of, wanted
from bitgoeul.hackathon.files import read
from bitgoeul.hackathon.metrics import BLOCKS, Guess, Score, Undefined, score
from bitgoeul.hackathon.model import Challenge

MARK = "BITGOEUL-SCORES "
_PROGRAM = f"""
import json, math, random, runpy
asked = json.load(open("asked.json"))
score = runpy.run_path("scorer.py")["score"]

def value(given):
    try:
        found = score(**given)
        return float(found) if type(found) in (int, float) else f"a {{type(found).__name__}}"
    except Exception as error:
        return repr(error)[:300]

def spread(given):
    names = sorted(set(given["group"]))
    random.Random(0).shuffle(names)
    block = {{name: place % {BLOCKS} for place, name in enumerate(names)}}
    found = []
    for left_out in range(min({BLOCKS}, len(names))):
        kept = [row for row, name in enumerate(given["group"]) if block[name] != left_out]
        part = lambda column: [column[row] for row in kept]
        told = {{name: {{c: part(v) for c, v in given[name].items()}} for name in ("truth", "guess")}}
        found.append(value(told | {{name: part(given[name]) for name in ("weight", "group")}}))
    found = [one for one in found if type(one) is float and math.isfinite(one)]
    mean = sum(found) / max(1, len(found))
    return math.sqrt(sum((one - mean) ** 2 for one in found) * max(0, len(found) - 1) / max(1, len(found)))

told = []
for guess in asked["guesses"]:
    given = {{split: {{**asked["answers"][split], "guess": guess[split]}} for split in ("public", "private")}}
    told.append({{split: [value(one), spread(one)] for split, one in given.items()}})
print({MARK!r} + json.dumps(told))
"""
"""Of a challenge's own scorer: the value, and by leaving out one of 20 blocks of groups at a time (jackknife) its error."""


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
    found = score_guesses(challenge, answers, [guess], engine)[0]
    if isinstance(found, ScorerFailed):
        raise found
    return found


def score_guesses(
    challenge: Challenge, answers: Answers, guesses: Sequence[Guess], engine: Engine | None = None
) -> list[Scores | ScorerFailed]:
    """Score several, an own metric in one sandbox for all; a failure stands in its guess's place."""
    one = _own if challenge.record.metric.own else _built_in
    return one(challenge, answers, guesses, engine)


def _built_in(
    challenge: Challenge, answers: Answers, guesses: Sequence[Guess], _engine: Engine | None
) -> list[Scores | ScorerFailed]:
    rows = {split: answers.chosen(split) for split in ("public", "private")}
    asked = {split: problem(challenge.record.metric, answers, split) for split in rows}
    found: list[Scores | ScorerFailed] = []
    for guess in guesses:
        split = ""
        try:
            scores = {}
            for split in rows:
                scores[split] = score(asked[split], tuple(column[rows[split]] for column in guess))
            found.append(Scores(**scores))
        except Undefined as error:
            found.append(failed(f"{split}: {error}"))
    return found


def failed(why: str) -> ScorerFailed:
    """Say it to the participant without any value; `why` is for the host's log."""
    error = ScorerFailed(
        ko="채점 프로그램에 문제가 있어 점수를 매기지 못했습니다. 횟수는 줄지 않으며 운영자에게 알렸습니다.",
        en="Scoring failed on our side. It costs you nothing, and the organiser was told.",
    )
    error.add_note(why)
    return error


def _own(
    challenge: Challenge, answers: Answers, guesses: Sequence[Guess], engine: Engine | None
) -> list[Scores | ScorerFailed]:
    if engine is None:
        raise failed("an own metric needs the sandbox")
    metric = challenge.record.metric
    truth = truth_of(metric, answers)
    rows = {split: answers.chosen(split) for split in ("public", "private")}
    known = {
        split: {
            "truth": {name: column[there].tolist() for name, column in zip(metric.columns, truth, strict=True)},
            "weight": np.array(answers.weight)[there].tolist(),
            "group": np.array(answers.group)[there].tolist(),
        }
        for split, there in rows.items()
    }
    given = [
        {split: _named(metric.asked, tuple(column[there] for column in guess)) for split, there in rows.items()}
        for guess in guesses
    ]
    asked = json.dumps({"answers": known, "guesses": given}).encode()
    files = {"scorer.py": challenge.scorer.read_bytes(), "asked.json": asked}
    ran = engine.execute(nbformat.writes(new_notebook(cells=[new_code_cell(_PROGRAM)])).encode(), files)
    told = _told(ran.notebook)
    if len(told) != len(guesses):
        why = f"the scorer did not run to its end: {ran.killed or 'its process ended'}"
        return [failed(why) for _ in guesses]
    return [_scores(one) for one in told]


def _named(names: tuple[str, ...], guess: Guess) -> dict[str, Any]:
    columns = guess[0].T if len(guess) == 1 and guess[0].ndim == 2 else guess
    return {name: column.tolist() for name, column in zip(names, columns, strict=True)}


def _told(notebook: bytes) -> list[Mapping[str, Any]]:
    cells = nbformat.reads(notebook.decode(), as_version=4).cells
    printed = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))
    marked = [line.removeprefix(MARK) for line in printed.splitlines() if line.startswith(MARK)]
    found: list[Mapping[str, Any]] = json.loads(marked[-1]) if marked else []
    return found


def _scores(told: Mapping[str, Any]) -> Scores | ScorerFailed:
    found = {}
    for split in ("public", "private"):
        value, error = told[split]
        if not isinstance(value, float) or not math.isfinite(value):
            return failed(f"{split}: {value}")
        found[split] = Score(value + 0.0, error if math.isfinite(error) else 0.0)
    return Scores(**found)
