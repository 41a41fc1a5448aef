"""The kill matrix: what each answer got at each test cell, and what is wrong with that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bitgoeul.curriculum.model import Assignment
from bitgoeul.errors import Text
from bitgoeul.wire import Figure

CLOSE = 1e-9

Row = Literal["release", "solution", "friend", "mutant"]
Kind = Literal[
    "too-few",
    "leak",
    "languages",
    "release-scores",
    "solution-fails",
    "friend-fails",
    "survivor",
    "wrong-reason",
    "over-budget",
    "flagged",
    "not-calibrated",
    "thin-margin",
    "not-judged",
]


@dataclass(frozen=True)
class Finding:
    """One reason why an assignment is not proved, and what to do."""

    kind: Kind
    row: str
    text: Text


@dataclass(frozen=True)
class Mark:
    """What one row got at one test cell. `exception` is the name of what ended the cell."""

    score: float
    max_score: float
    outcome: str
    exception: str = ""
    message: str = ""

    @property
    def full(self) -> bool:
        """Whether nothing was lost."""
        return self.score >= self.max_score - CLOSE


@dataclass(frozen=True)
class MatrixRow:
    """One answer and its marks by grade_id. `text` says what it stands for."""

    kind: Row
    name: str
    language: str
    text: Text
    marks: dict[str, Mark]
    dies_at: tuple[str, ...] = ()
    dies_by: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    cpu_seconds: float | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class KillMatrix:
    """The proof of one assignment; it holds if there are no findings."""

    assignment: Assignment
    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    findings: tuple[Finding, ...]

    @property
    def proved(self) -> bool:
        """Whether the assignment may be released."""
        return not self.findings
