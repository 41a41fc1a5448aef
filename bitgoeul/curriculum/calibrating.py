"""How far right answers keep from a checker's thresholds, over many seeds.

A checker that draws its data anew measures figures that wobble. One run tells nothing about the next seed, so
`bitgoeul course calibrate` judges the solution and every friend with many seeds, and keeps mean and standard
deviation of each figure beside the checker. `course check` holds the thresholds against them.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from bitgoeul.curriculum.building import build, submission
from bitgoeul.curriculum.matrix import Finding, MatrixRow
from bitgoeul.curriculum.model import Assignment
from bitgoeul.errors import InputError, Text
from bitgoeul.wire import Figure

LEAST_MARGIN = 3.0  # standard deviations between the mean of a right answer and a threshold
RUNS = 30
FARTHEST = 6.0  # so many standard deviations off its mean, a figure is not the one that was calibrated ...
HARMLESS = 0.1  # ... unless it is off by no more than this share of its distance from the threshold

Measure = Callable[[bytes, bytes, dict[str, bytes], int], tuple[Figure, ...]]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Spread:
    """One figure of one answer: `worst` is the value nearest to a threshold, `margin` the mean's distance in sd."""

    figure: str
    answer: str
    runs: int
    mean: float
    sd: float
    worst: float
    margin: float
    at_least: float | None
    at_most: float | None


def calibration_file(assignment: Assignment) -> Path | None:
    """Where an assignment's calibration lies: beside its checker."""
    checker = assignment.checker
    return checker.with_suffix(".figures.json") if checker else None


def read_calibration(assignment: Assignment) -> tuple[Spread, ...]:
    """Read what the last calibration found; nothing, where there was none."""
    path = calibration_file(assignment)
    if path is None or not path.is_file():
        return ()
    return tuple(Spread(**told) for told in json.loads(path.read_text(encoding="utf-8")))


def write_calibration(assignment: Assignment, spreads: Iterable[Spread]) -> Path:
    """Keep a calibration beside the checker; raise `InputError` where there is none."""
    path = calibration_file(assignment)
    if path is None:
        raise InputError(
            ko=f"{assignment.course}/{assignment.name}에는 채점 프로그램이 없어 잴 문턱이 없습니다. docs/instructor/checkers.md를 보십시오.",
            en=f"{assignment.course}/{assignment.name} has no checker, and so no thresholds. See docs/instructor/checkers.md.",
        )
    lines = ",\n ".join(json.dumps(asdict(spread), ensure_ascii=False) for spread in spreads)
    path.write_text(f"[{lines}]\n", encoding="utf-8")
    return path


def calibrate(
    assignment: Assignment,
    measure: Measure,
    runs: int = RUNS,
    progress: Progress = lambda done, total, label: None,
) -> tuple[Spread, ...]:
    """Judge the solution and every friend with the seeds 1 to `runs`, and say how their figures spread."""
    built = build(assignment)
    name, language = built.notebooks[0], built.languages[0]
    source, release = (files[language][f"{name}.ipynb"] for files in (built.source, built.release))
    answers = {"solution": submission(source, release)}
    answers |= {f.name: submission(source, release, f.sources) for f in (built.lesson.friends if built.lesson else ())}
    found: dict[tuple[str, str], list[Figure]] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = {
            pool.submit(measure, source, sent, built.data(language), seed): answer
            for answer, sent in answers.items()
            for seed in range(1, runs + 1)
        }
        for done, future in enumerate(as_completed(waiting), 1):
            for figure in future.result():
                found.setdefault((figure.name, waiting[future]), []).append(figure)
            progress(done, len(waiting), waiting[future])
    return tuple(_spread(figure, answer, values) for (figure, answer), values in sorted(found.items()))


def _spread(name: str, answer: str, figures: list[Figure]) -> Spread:
    values, last = [figure.value for figure in figures], figures[-1]
    mean = statistics.fmean(values)
    sd = statistics.stdev(values) if len(values) > 1 else 0.0
    worst = min(values, key=lambda value: _room(value, last))
    margin = min(_room(mean, last) / max(sd, 1e-12), 1e6)
    mean, sd, worst, margin = (float(f"{value:.4g}") for value in (mean, sd, worst, margin))
    return Spread(name, answer, len(values), mean, sd, worst, margin, last.at_least, last.at_most)


def _room(value: float, figure: Figure | Spread) -> float:
    """How far a value is from the nearest threshold on the good side; negative beyond it."""
    rooms = [value - figure.at_least] if figure.at_least is not None else []
    rooms += [figure.at_most - value] if figure.at_most is not None else []
    return min(rooms, default=float("inf"))


def calibration_findings(rows: Iterable[MatrixRow], spreads: tuple[Spread, ...]) -> list[Finding]:
    """What the figures of right answers say against the calibration, and the calibration against thresholds."""
    known: Mapping[tuple[str, str], Spread] = {(spread.figure, spread.answer): spread for spread in spreads}
    findings = []
    for row in rows:
        if row.kind in ("solution", "friend"):
            answer = "solution" if row.kind == "solution" else row.name
            findings += [
                _uncalibrated(row.name, figure)
                for figure in row.figures
                if not _calibrated(figure, known.get((figure.name, answer)))
            ]
    return findings + [_thin(spread) for spread in spreads if spread.margin < LEAST_MARGIN]


def _calibrated(figure: Figure, spread: Spread | None) -> bool:
    if spread is None or (figure.at_least, figure.at_most) != (spread.at_least, spread.at_most):
        return False
    return abs(figure.value - spread.mean) <= max(FARTHEST * spread.sd, HARMLESS * abs(_room(spread.mean, spread)))


def _uncalibrated(row: str, figure: Figure) -> Finding:
    text = Text(
        "{name} = {value:.4g}은(는) 보정 기록에 없거나 그것과 다릅니다(문턱이나 검사가 바뀌었습니까?). `bitgoeul course calibrate`를 다시 실행하십시오.",
        "{name} = {value:.4g} is not in the calibration, or unlike it (did a threshold or the test change?). Run `bitgoeul course calibrate` again.",
    )
    return Finding("not-calibrated", row, text.format(name=figure.name, value=figure.value))


def _thin(spread: Spread) -> Finding:
    text = Text(
        "{name}의 문턱이 옳은 답의 평균 {mean:.4g}에서 표준편차 {margin:.1f}배밖에 떨어져 있지 않습니다({least:g}배 이상이어야 합니다). 자료를 늘리거나 여러 번의 평균을 내거나 문턱을 옮기십시오.",
        "the threshold of {name} is only {margin:.1f} standard deviations from a right answer's mean {mean:.4g} ({least:g} are needed). Take more data, average several draws, or move the threshold.",
    )
    told = text.format(name=spread.figure, mean=spread.mean, margin=spread.margin, least=LEAST_MARGIN)
    return Finding("thin-margin", spread.answer, told)
