"""From a seed to what participants get and what nobody gets: the answers, found by ids that tell nothing.

Rows of the public and the private split lie mixed in one test file, under ids drawn from the secret seed, so neither a
row's place nor its id says to which split it belongs.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitgoeul.curriculum.building import written
from bitgoeul.curriculum.percent import open_reader
from bitgoeul.errors import ChallengeError, Fault
from bitgoeul.hackathon.cells import Wanted
from bitgoeul.hackathon.classification import Floats
from bitgoeul.hackathon.files import index_of
from bitgoeul.hackathon.generating import Table, generate
from bitgoeul.hackathon.metrics import METRICS, Column, Guess, Problem
from bitgoeul.hackathon.model import Challenge, Measure, Split

SAMPLE = "sample_submission.csv"


@dataclass(frozen=True)
class Answers:
    """The truth, row by row in the order of the ids. `public` says which rows the public score counts."""

    ids: tuple[str, ...]
    truth: dict[str, list[Any]]
    weight: list[float]
    group: list[str]
    public: list[bool]

    def write(self) -> bytes:
        """As JSON: kept among the service's blobs, whose names only the database knows."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def read(cls, data: bytes) -> Answers:
        """What `write` wrote."""
        found = json.loads(data)
        return cls(tuple(found["ids"]), found["truth"], found["weight"], found["group"], found["public"])

    def chosen(self, split: str) -> NDArray[np.int64]:
        """The places of a split's rows."""
        return np.nonzero(np.array(self.public) == (split == "public"))[0]


@dataclass(frozen=True)
class Prepared:
    """What participants get, by file name, and the answers."""

    files: dict[str, bytes]
    answers: Answers

    @property
    def digest(self) -> str:
        """SHA-256 over everything: the same seed gives the same."""
        parts = [name.encode() + b"\0" + content for name, content in sorted(self.files.items())]
        return hashlib.sha256(b"\0".join([*parts, self.answers.write()])).hexdigest()


def wanted(challenge: Challenge, answers: Answers) -> Wanted:
    """What a submission has to hold."""
    metric, compute = challenge.record.metric, challenge.record.compute
    return Wanted(
        metric.id,
        metric.asked,
        metric.of_kind,
        index_of(answers.ids),
        metric.classes,
        metric.lowest,
        most_bytes=compute.upload_mb * 1_000_000,
    )


def truth_of(metric: Measure, answers: Answers) -> tuple[Column, ...]:
    """The target columns as metrics take them."""
    if metric.of_kind in ("label", "probability"):
        places = {label: place for place, label in enumerate(metric.classes)}
        return (np.array([places[str(value)] for value in answers.truth[metric.columns[0]]], np.int64),)
    kind = np.float64 if metric.of_kind == "number" else object
    return tuple(np.array(answers.truth[name], kind) for name in metric.columns)


def problem(metric: Measure, answers: Answers, split: str) -> Problem:
    """What a built-in metric scores of one split."""
    rows = answers.chosen(split)
    groups = None
    if metric.group:
        groups = np.unique(np.array(answers.group)[rows], return_inverse=True)[1].astype(np.int64)
    truth = tuple(column[rows] for column in truth_of(metric, answers))
    weight: Floats = np.array(answers.weight, np.float64)[rows]
    return Problem(METRICS[metric.name], truth, weight, groups, len(metric.classes), metric.options)


def perfect(metric: Measure, answers: Answers) -> Guess:
    """What somebody who knows everything would hand in."""
    truth = truth_of(metric, answers)
    if metric.of_kind != "probability":
        return truth
    if len(metric.classes) == 2:
        return (truth[0].astype(np.float64),)
    return (np.eye(len(metric.classes))[truth[0]],)


def prepare(challenge: Challenge, seed: int) -> Prepared:
    """Everything of one seed; raise `ChallengeError` for a generator that does not do what challenge.toml says."""
    return arrange(challenge, seed, generate(challenge, seed))


def arrange(challenge: Challenge, seed: int, made: Mapping[Split, Table]) -> Prepared:
    """The same from tables that `generate` made of that seed."""
    _check_columns(challenge, made["train"], made["public"], made["private"])
    metric, data = challenge.record.metric, challenge.record.data
    names = list(made["public"])
    sizes = [len(made[split][names[0]]) for split in ("public", "private")]
    together = {name: made["public"][name] + made["private"][name] for name in names}
    rng = np.random.default_rng([seed, 0x1D])
    order = rng.permutation(sum(sizes)).tolist()
    ids = [f"{number:06d}" for number in sorted(rng.choice(900_000, sum(sizes), replace=False) + 100_000)]
    rows = {name: [together[name][place] for place in order] for name in names}
    secret = withheld(challenge)
    shown = {metric.id: ids, **{name: column for name, column in rows.items() if name not in secret}}
    files = {"train.csv": to_csv(made["train"]), "test.csv": to_csv(shown), SAMPLE: to_csv(_sample(metric, ids))}
    files |= starters(challenge)
    answers = Answers(
        tuple(ids),
        {name: rows[name] for name in metric.columns},
        [float(value) for value in rows[metric.weight]] if metric.weight else [1.0] * len(ids),
        [str(value) for value in rows[metric.group or data.group]],
        [place < sizes[0] for place in order],
    )
    return Prepared(files, answers)


def withheld(challenge: Challenge) -> set[str]:
    """The columns that stand in train.csv and not in test.csv."""
    metric = challenge.record.metric
    return {*metric.columns, metric.weight, *challenge.record.data.hidden} - {""}


def _check_columns(challenge: Challenge, train: Table, public: Table, private: Table) -> None:
    metric, data = challenge.record.metric, challenge.record.data
    asked = {*metric.columns, *data.hidden, data.group, metric.weight, metric.group} - {""}
    missing = sorted(asked - set(public))
    faults = []
    place = challenge.folder / "data.py"
    if missing or list(public) != list(private) or set(metric.columns) - set(train) or metric.id in public:
        found = ", ".join(public)
        ko = f"make의 표에 열 {', '.join(sorted(asked))}이(가) 있어야 하고(public과 private은 같게, {metric.id}은(는) 없이) 지금은 {found}입니다."
        en = f"tables of make need the columns {', '.join(sorted(asked))}, alike for public and private, without {metric.id}; found {found}."
        raise ChallengeError([Fault.of(place, 1, ko, en)])
    for split, table in (("train", train), ("public", public), ("private", private)):
        for name in metric.columns:
            odd = [
                value for value in table[name] if value is None or (metric.classes and str(value) not in metric.classes)
            ]
            if odd:
                ko = f"{split}의 정답 {name}에 쓸 수 없는 값 {len(odd)}개가 있습니다: {odd[0]!r}"
                faults.append(
                    Fault.of(place, 1, ko, f"{len(odd)} value(s) of {name} in {split} cannot be a truth: {odd[0]!r}")
                )
    if faults:
        raise ChallengeError(faults)


def _sample(metric: Measure, ids: Sequence[str]) -> Table:
    """A submission that can be read and says nothing."""
    value: Any = {"number": 0.0, "label": metric.classes[0] if metric.classes else "", "probability": 0.0}.get(
        metric.of_kind, ""
    )
    if metric.of_kind == "probability":
        value = 1.0 / len(metric.classes) if len(metric.classes) > 2 else 0.5
    return {metric.id: list(ids), **{name: [value] * len(ids) for name in metric.asked}}


def to_csv(table: Table) -> bytes:
    r"""UTF-8, `\\n`, numbers so that they read back as they were."""
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*(["" if v is None else v for v in column] for column in table.values()), strict=True))
    return kept.getvalue().encode()


def starters(challenge: Challenge) -> dict[str, bytes]:
    """The starter notebook in both languages, from `starter.py` in the lessons' percent format; its code is the same."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    reader, _ = open_reader(challenge.folder / "starter.py")
    cells = reader.cells()
    faults = list(reader.faults)
    faults += [
        Fault.of(
            reader.place, cell.line, "여기에는 글과 코드만 쓸 수 있습니다.", "only prose and plain code stand here."
        )
        for cell in cells
        if cell.kind not in ("prose", "plain")
    ]
    if faults:
        raise ChallengeError(faults)
    found = {}
    for language in ("ko", "en"):
        kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
        notebook = new_notebook(metadata={"kernelspec": kernel, "bitgoeul": {"language": language}})
        for number, cell in enumerate(cells):
            if cell.language in (None, language):
                node = new_markdown_cell(cell.source) if cell.markdown else new_code_cell(cell.source)
                node.id = f"cell-{number}"
                notebook.cells.append(node)
        found[f"starter.{language}.ipynb"] = written(notebook)
    return found
