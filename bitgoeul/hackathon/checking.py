"""Proves a challenge: what participants get is whole and tells nothing, and a score means what it says.

Each check gives its faults; all of them are told at once. The seed of an event is not known here: every check that is
about secrets draws one, and looks for it in what participants would get.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
import numpy as np

from bitgoeul.errors import AnswerError, BitgoeulError, ChallengeError, Fault, ScorerFailed
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.building import SAMPLE, Prepared, perfect, prepare, wanted
from bitgoeul.hackathon.files import read
from bitgoeul.hackathon.generating import baseline_names, generate, predict
from bitgoeul.hackathon.model import SPLITS, Challenge
from bitgoeul.hackathon.scoring import score_file, score_guess

MARKED = "SUBMISSION-BEGINS"
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "other bytes": bytes(range(256)) * 8,
    "no header": b"1,2\n3,4\n",
    "zero bytes": b"id,\0\n",
    "open quote": b'id,x\n"1',
    "deep": b"[" * 100_000,
    "no Parquet": b"PAR1" + bytes(1000) + b"PAR1",
    "a formula": b"id,x\n=cmd|' /C calc'!A0,1\n",
}


@dataclass
class Report:
    """What a check found: faults, and the scores of the baselines by name, (public, private)."""

    challenge: Challenge
    faults: list[Fault] = field(default_factory=list)
    baselines: dict[str, tuple[float, float]] = field(default_factory=dict)
    errors: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def proved(self) -> bool:
        """Whether nothing is to be mended."""
        return not self.faults

    def fault(self, file: str, ko: str, en: str) -> None:
        """Note one."""
        self.faults.append(Fault.of(self.challenge.folder / file, 1, ko, en))


def check(challenge: Challenge, engine: Engine) -> Report:
    """Run every check; a step that cannot be made ends those that need it."""
    report = Report(challenge)
    steps: tuple[Callable[[Report, Prepared, Engine], None], ...] = (
        _tells_no_seed,
        _metric_is_defined,
        _scorer_is_total,
        _baselines_score_as_recorded,
        _starter_makes_a_submission,
    )
    try:
        _splits_are_apart(report)
        prepared = prepare(challenge, challenge.record.data.check_seed)
        if prepared.digest != prepare(challenge, challenge.record.data.check_seed).digest:
            report.fault(
                "data.py", "같은 씨앗에서 다른 자료가 나옵니다.", "the same seed gave other data the second time."
            )
    except ChallengeError as error:
        report.faults.extend(error.faults)
        return report
    for step in steps:
        try:
            step(report, prepared, engine)
        except ChallengeError as error:
            report.faults.extend(error.faults)
        except ScorerFailed as error:
            why = "; ".join(getattr(error, "__notes__", []))
            report.fault("challenge.toml", f"채점이 되지 않습니다: {why}", f"scoring fails: {why}")
    return report


def _splits_are_apart(report: Report) -> None:
    """No group is in two splits."""
    record = report.challenge.record
    made = generate(report.challenge, record.data.check_seed)
    groups = {split: {str(value) for value in made[split].get(record.data.group, [])} for split in SPLITS}
    for one, other in (("train", "public"), ("train", "private"), ("public", "private")):
        shared = sorted(groups[one] & groups[other])  # type: ignore[index]
        if shared:
            ko = f"{record.data.group} {len(shared)}개가 {one}과 {other}에 함께 있습니다(예: {shared[0]})."
            report.fault(
                "data.py",
                ko,
                f"{len(shared)} of {record.data.group} are in both {one} and {other}, such as {shared[0]}.",
            )
    if not all(groups.values()):
        report.fault(
            "data.py",
            f"모든 자료에 {record.data.group} 열이 있어야 합니다.",
            f"every split needs the column {record.data.group}.",
        )


def _tells_no_seed(report: Report, _prepared: Prepared, _engine: Engine) -> None:
    """A seed nobody could guess, and no trace of it in any file."""
    seed = secrets.randbelow(10**15) + 10**15
    for name, content in prepare(report.challenge, seed).files.items():
        if any(trace.encode() in content for trace in (str(seed), f"{seed:x}")):
            report.fault(
                "data.py",
                f"참가자가 받는 {name}에 씨앗이 들어 있습니다.",
                f"{name}, which participants get, holds the seed.",
            )


def _metric_is_defined(report: Report, prepared: Prepared, engine: Engine) -> None:
    """Full knowledge has a score on both splits, and nobody does better."""
    record = report.challenge.record
    best = score_guess(report.challenge, prepared.answers, perfect(record.metric, prepared.answers), engine)
    sample = score_file(report.challenge, prepared.answers, prepared.files[SAMPLE], engine)
    sign = 1.0 if record.metric.direction == "higher" else -1.0
    for split in ("public", "private"):
        if sign * getattr(best, split).value < sign * getattr(sample, split).value:
            report.fault(
                "challenge.toml",
                f"{split}: 정답이 견본보다 못한 점수를 받습니다. better를 확인하십시오.",
                f"{split}: the truth scores worse than the sample. Look at better.",
            )


def _scorer_is_total(report: Report, prepared: Prepared, engine: Engine) -> None:
    """Whatever comes is a score or a fault of the file."""
    sent = dict(HOSTILE)
    for name, guess in _odd_guesses(report, prepared):
        try:
            score_guess(report.challenge, prepared.answers, guess, engine)
        except ScorerFailed as error:
            why = "; ".join(getattr(error, "__notes__", []))
            report.fault(
                "challenge.toml",
                f"파일 '{name}'에 점수가 나오지 않습니다: {why}",
                f"the file '{name}' has no score: {why}",
            )
    for name, data in sent.items():
        try:
            read(data, wanted(report.challenge, prepared.answers))
        except AnswerError:
            continue
        except BitgoeulError as error:
            report.fault("challenge.toml", f"파일 '{name}': {error.text.ko}", f"the file '{name}': {error.text.en}")
        else:
            report.fault("challenge.toml", f"파일 '{name}'이(가) 통과합니다.", f"the file '{name}' passes.")


def _odd_guesses(report: Report, prepared: Prepared) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Guesses that a file may hold and an honest model would not make."""
    metric, n = report.challenge.record.metric, len(prepared.answers.ids)
    if metric.of_kind == "number":
        low = metric.lowest if metric.lowest is not None else -1e100
        for value in (0.0 if metric.lowest is None else low, low, 1e100, 5e-324):
            yield f"all {value:g}", tuple(np.full(n, value) for _ in metric.columns)
    elif metric.of_kind == "label":
        for place, label in enumerate(metric.classes):
            yield f"all {label}", (np.full(n, place),)
    elif metric.of_kind == "probability" and len(metric.classes) == 2:
        for value in (0.0, 1.0):
            yield f"all {value:g}", (np.full(n, value),)
    elif metric.of_kind == "probability":
        for place, label in enumerate(metric.classes):
            yield f"all {label}", (np.eye(len(metric.classes))[np.full(n, place)],)
    else:
        yield "all empty", tuple(np.full(n, "", object) for _ in metric.columns)


def _baselines_score_as_recorded(report: Report, prepared: Prepared, engine: Engine) -> None:
    recorded = report.challenge.record.baselines
    names = baseline_names(report.challenge)
    if sorted(names) != sorted(recorded):
        ko = f"BASELINES는 {names}인데 challenge.toml에는 {sorted(recorded)}이(가) 적혀 있습니다."
        report.fault("baseline.py", ko, f"BASELINES has {names}, challenge.toml records {sorted(recorded)}.")
    given = {name: content for name, content in prepared.files.items() if name.endswith(".csv")}
    for name in names:
        try:
            found = score_file(report.challenge, prepared.answers, predict(report.challenge, name, given).data, engine)
        except AnswerError as error:
            report.fault("baseline.py", f"{name}: {error.text.ko}", f"{name}: {error.text.en}")
            continue
        report.baselines[name] = found.public.value, found.private.value
        report.errors[name] = found.public.error, found.private.error
        for split in ("public", "private"):
            kept = getattr(recorded.get(name), split, None)
            value = getattr(found, split).value
            if kept is not None and abs(kept - value) > recorded[name].tolerance:
                report.fault(
                    "challenge.toml",
                    f"baselines.{name}.{split}: {kept}이(가) 적혀 있는데 {value:.6g}이(가) 나옵니다.",
                    f"baselines.{name}.{split}: {kept} is recorded, and it scores {value:.6g}.",
                )


def _starter_makes_a_submission(report: Report, prepared: Prepared, engine: Engine) -> None:
    """Run as participants run it, in the sandbox, on what they get; its file has to score."""
    notebook = nbformat.reads(prepared.files["starter.ko.ipynb"].decode(), as_version=4)
    shown = f"print({MARKED!r}); print(open('submission.csv').read())"
    notebook.cells.append(nbformat.v4.new_code_cell(shown))
    given = {name: content for name, content in prepared.files.items() if name.endswith(".csv")}
    ran = engine.execute(nbformat.writes(notebook).encode(), given)
    cells = nbformat.reads(ran.notebook.decode(), as_version=4).cells
    printed = "".join(output.get("text", "") for output in cells[-1].get("outputs", []))
    problems = [
        output["evalue"] for cell in cells for output in cell.get("outputs", []) if output.output_type == "error"
    ]
    if problems or MARKED not in printed:
        told = (problems or [ran.killed or "no submission.csv"])[0]
        report.fault(
            "starter.py",
            f"시작 노트북이 끝까지 돌지 않습니다: {told}",
            f"the starter notebook does not run to its end: {told}",
        )
        return
    try:
        score_file(report.challenge, prepared.answers, printed.split(MARKED + "\n", 1)[1].encode(), engine)
    except AnswerError as error:
        report.fault("starter.py", error.text.ko, error.text.en)
