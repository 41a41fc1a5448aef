"""Proves a challenge: what participants get is whole and tells nothing, and a score means what it says.

Each check gives its faults; all of them are told at once. The seed of an event is not known here: every check that is
about secrets draws one, and looks for it in what participants would get.
"""

from __future__ import annotations

import base64
import itertools
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import nbformat
import numpy as np

from bitgoeul.errors import AnswerError, BitgoeulError, ChallengeError, Fault, ScorerFailed
from bitgoeul.grading.engine import Engine
from bitgoeul.hackathon.building import SAMPLE, Prepared, arrange, perfect, wanted, withheld
from bitgoeul.hackathon.files import read
from bitgoeul.hackathon.generating import Table, baseline_names, generate, predict
from bitgoeul.hackathon.metrics import Guess
from bitgoeul.hackathon.model import SPLITS, Challenge, Measure, Split
from bitgoeul.hackathon.scoring import score_file, score_guesses

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


@dataclass(frozen=True)
class Made:
    """What one seed makes."""

    seed: int
    tables: dict[Split, Table]
    prepared: Prepared

    @classmethod
    def of(cls, challenge: Challenge, seed: int) -> Made:
        """Make it."""
        tables = generate(challenge, seed)
        return cls(seed, tables, arrange(challenge, seed, tables))


@dataclass(frozen=True)
class Pair:
    """The data of the recorded seed, and those of a seed that nobody knows: an event's, as it were."""

    recorded: Made
    drawn: Made


def check(challenge: Challenge, engine: Engine) -> Report:
    """Run every check; a step that cannot be made ends those that need it."""
    report = Report(challenge)
    steps: tuple[Callable[[Report, Pair, Engine], None], ...] = (
        _splits_are_apart,
        _seed_decides,
        _tells_no_seed,
        _nothing_tells_the_split,
        _text_tells_each_column,
        _metric_is_defined,
        _scorer_is_total,
        _baselines_score_as_recorded,
        _starter_makes_a_submission,
    )
    try:
        recorded = Made.of(challenge, challenge.record.data.check_seed)
        pair = Pair(recorded, Made.of(challenge, secrets.randbelow(10**15) + 10**15))
    except ChallengeError as error:
        report.faults.extend(error.faults)
        return report
    for step in steps:
        try:
            step(report, pair, engine)
        except ChallengeError as error:
            report.faults.extend(error.faults)
        except ScorerFailed as error:
            why = _noted(error)
            report.fault("challenge.toml", f"채점이 되지 않습니다: {why}", f"scoring fails: {why}")
    return report


def _noted(error: ScorerFailed) -> str:
    return "; ".join(getattr(error, "__notes__", []))


def _splits_are_apart(report: Report, pair: Pair, _engine: Engine) -> None:
    """No group is in two splits, of either seed."""
    name = report.challenge.record.data.group
    for made in (pair.recorded, pair.drawn):
        groups = {split: {str(value) for value in made.tables[split].get(name, [])} for split in SPLITS}
        for one, other in itertools.combinations(SPLITS, 2):
            shared = sorted(groups[one] & groups[other])
            if shared:
                ko = f"{name} {len(shared)}개가 {one}과 {other}에 함께 있습니다(예: {shared[0]})."
                en = f"{len(shared)} of {name} are in both {one} and {other}, such as {shared[0]}."
                return report.fault("data.py", ko, en)
        if not all(groups.values()):
            ko, en = f"모든 자료에 {name} 열이 있어야 합니다.", f"every split needs the column {name}."
            return report.fault("data.py", ko, en)
    return None


def _seed_decides(report: Report, pair: Pair, _engine: Engine) -> None:
    """The same seed makes the same, another one other rows to score: else whoever has the program has the answers."""
    again = generate(report.challenge, pair.recorded.seed)
    if again != pair.recorded.tables:
        report.fault("data.py", "같은 씨앗에서 다른 자료가 나옵니다.", "the same seed gave other data the second time.")
    for split in ("public", "private"):
        if pair.drawn.tables[split] == pair.recorded.tables[split]:
            ko = f"{split}: 씨앗이 달라도 같은 자료가 나옵니다. 답이 이 파일에 적힌 셈입니다."
            report.fault("data.py", ko, f"{split}: another seed gave the same data, so the answers stand in this file.")


def _tells_no_seed(report: Report, pair: Pair, _engine: Engine) -> None:
    """No trace of a seed that nobody could guess, in any file, as text or as a number."""
    seed = pair.drawn.seed
    traces = {str(seed), f"{seed:x}", f"{seed:X}", base64.b64encode(str(seed).encode()).decode().rstrip("=")}
    for name, content in pair.drawn.prepared.files.items():
        if any(trace.encode() in content for trace in traces):
            ko, en = f"참가자가 받는 {name}에 씨앗이 들어 있습니다.", f"{name}, which participants get, holds the seed."
            report.fault("data.py", ko, en)
    for name in sorted({name for table in pair.drawn.tables.values() for name in table}):
        if any(value == seed for table in pair.drawn.tables.values() for value in table.get(name, [])):
            report.fault("data.py", f"열 {name}의 값이 씨앗입니다.", f"a value of the column {name} is the seed.")


def _nothing_tells_the_split(report: Report, pair: Pair, _engine: Engine) -> None:
    """No column of test.csv singles out the public rows by what another seed's data taught, such as PUB-1 and PRI-1."""
    for name in pair.recorded.tables["public"]:
        if name not in withheld(report.challenge) and _tells(name, pair.recorded.tables, pair.drawn.tables):
            ko = (
                f"test.csv의 열 {name}이(가) 어느 행이 공개 점수에 드는지 말해 줍니다. data.hidden에 넣거나 고치십시오."
            )
            en = f"the column {name} of test.csv tells which rows are public. Put it into data.hidden, or change it."
            report.fault("data.py", ko, en)


def _tells(name: str, known: dict[Split, Table], asked: dict[Split, Table]) -> bool:
    """Whether values seen in one split only, or a border between the splits, hold for another seed as well."""
    one, other = (set(known[split][name]) for split in ("public", "private"))
    sides = [[(value in one) - (value in other) for value in asked[split][name]] for split in ("public", "private")]
    right, wrong = sides[0].count(1) + sides[1].count(-1), sides[0].count(-1) + sides[1].count(1)
    by_value = sides[0].count(1) >= 0.5 * len(sides[0]) and wrong <= 0.01 * right
    return by_value or (_border(name, known) != 0 and _border(name, known) == _border(name, asked))


def _border(name: str, tables: dict[Split, Table]) -> int:
    """1 or -1 when all numbers of one split are above those of the other."""
    pair = [[value for value in tables[split][name] if value is not None] for split in ("public", "private")]
    if not all(pair) or not all(isinstance(value, (int, float)) for column in pair for value in column):
        return 0
    return (min(pair[0]) > max(pair[1])) - (max(pair[0]) < min(pair[1]))


def _text_tells_each_column(report: Report, pair: Pair, _engine: Engine) -> None:
    """Each column that a participant meets is told in both languages; of `v_1`, `v_2` and so on, one is enough."""
    metric = report.challenge.record.metric
    names = [*pair.recorded.tables["train"], *pair.recorded.tables["public"], *metric.asked]
    for language in ("ko", "en"):
        told = re.findall(r"`([^`\n]+)`", report.challenge.record.text.text.pick(language))
        families = {*told, *(re.sub(r"\d+", "#", one) for one in told if re.search(r"\d", one))}
        missing = [one for one in dict.fromkeys(names) if not {one, re.sub(r"\d+", "#", one)} & families]
        if missing:
            some = ", ".join(missing[:5])
            ko = f"text.{language}가 열 {some}을(를) 말하지 않습니다. 열마다 뜻과 단위를 `이름`과 함께 쓰십시오."
            en = f"text.{language} does not tell the column(s) {some}. Write what each means, with its unit, beside its `name`."
            report.fault("challenge.toml", ko, en)


def _metric_is_defined(report: Report, pair: Pair, engine: Engine) -> None:
    """Full knowledge has a score on both splits, of either seed, and saying nothing does no better."""
    record, challenge = report.challenge.record, report.challenge
    sign = 1.0 if record.metric.direction == "higher" else -1.0
    for made in (pair.recorded, pair.drawn):
        answers = made.prepared.answers
        nothing = read(made.prepared.files[SAMPLE], wanted(challenge, answers))
        best, sample = score_guesses(challenge, answers, [perfect(record.metric, answers), nothing], engine)
        for found in (best, sample):
            if isinstance(found, ScorerFailed):
                raise found
        for split in ("public", "private"):
            if sign * getattr(best, split).value < sign * getattr(sample, split).value:
                ko = f"{split}: 정답이 견본보다 못한 점수를 받습니다. better를 확인하십시오."
                en = f"{split}: the truth scores worse than the sample. Look at better."
                report.fault("challenge.toml", ko, en)


def _scorer_is_total(report: Report, pair: Pair, engine: Engine) -> None:
    """Whatever comes is a score or a fault of the file."""
    answers = pair.recorded.prepared.answers
    odd = list(_odd_guesses(report.challenge.record.metric, len(answers.ids)))
    found = score_guesses(report.challenge, answers, [guess for _, guess in odd], engine)
    for (name, _), outcome in zip(odd, found, strict=True):
        if isinstance(outcome, ScorerFailed):
            why = _noted(outcome)
            ko, en = f"파일 '{name}'에 점수가 나오지 않습니다: {why}", f"the file '{name}' has no score: {why}"
            report.fault("challenge.toml", ko, en)
    for name, data in HOSTILE.items():
        try:
            read(data, wanted(report.challenge, answers))
        except AnswerError:
            continue
        except BitgoeulError as error:
            report.fault("challenge.toml", f"파일 '{name}': {error.text.ko}", f"the file '{name}': {error.text.en}")
        else:
            report.fault("challenge.toml", f"파일 '{name}'이(가) 통과합니다.", f"the file '{name}' passes.")


def _odd_guesses(metric: Measure, n: int) -> Iterator[tuple[str, Guess]]:
    """Guesses that a file may hold and an honest model would not make: one value for all, and each value in turn."""
    columns = metric.columns
    if metric.of_kind == "number":
        low = metric.lowest if metric.lowest is not None else -1e100
        values = [0.0 if metric.lowest is None else low, low, 1e100, 5e-324]
        pure: list[Guess] = [tuple(np.full(n, value) for _ in columns) for value in values]
        mixed: Guess = tuple(np.resize(values, n) for _ in columns)
    elif metric.of_kind == "label" or (metric.of_kind == "probability" and len(metric.classes) == 2):
        values = list(range(len(metric.classes)))
        kind = np.int64 if metric.of_kind == "label" else np.float64
        pure = [(np.full(n, value, kind),) for value in values]
        mixed = (np.resize(values, n).astype(kind),)
    elif metric.of_kind == "probability":
        values = list(range(len(metric.classes)))
        pure = [(np.eye(len(values))[np.full(n, value)],) for value in values]
        mixed = (np.eye(len(values))[np.resize(values, n)],)
    else:
        values = ["", "1 1"] if metric.of_kind == "mask" else ["", "0 1", "가 " * 50, "9" * 200]
        pure = [tuple(np.full(n, value, object) for _ in columns) for value in values]
        mixed = tuple(np.resize(np.array(values, object), n) for _ in columns)
    yield from zip((f"all {value}" for value in values), pure, strict=True)
    yield "each in turn", mixed


def _baselines_score_as_recorded(report: Report, pair: Pair, engine: Engine) -> None:
    prepared = pair.recorded.prepared
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


def _starter_makes_a_submission(report: Report, pair: Pair, engine: Engine) -> None:
    """Run as participants run it, in the sandbox, on what they get; its file has to score."""
    prepared = pair.recorded.prepared
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
