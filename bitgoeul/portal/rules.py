"""What a reader sees of a submission, and how scores are counted. Pure: plain data and `now` come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median

from bitgoeul.errors import Text
from bitgoeul.exchange.rules import for_student, shows_hidden
from bitgoeul.portal.store import Handed, Sheet
from bitgoeul.portal.wording import FEEDBACK, NOT_HANDED, STATES, Look
from bitgoeul.wire import Verdict

BINS = 10


@dataclass(frozen=True)
class Work:
    """One assignment of one student. `submissions` begins with the newest; only the newest counts."""

    sheet: Sheet
    user: str
    submissions: tuple[Handed, ...]
    verdict: Verdict | None
    score: float | None
    shows_hidden: bool

    @property
    def newest(self) -> Handed | None:
        """The submission that counts."""
        return self.submissions[0] if self.submissions else None

    @property
    def due(self) -> datetime | None:
        """This student's due date, his extension counted."""
        return self.sheet.due_for(self.user)

    @property
    def extended(self) -> bool:
        """Whether it is later than everybody's."""
        return self.due != self.sheet.due

    @property
    def state(self) -> tuple[Look, Text]:
        """Where it stands, as a look and words."""
        return standing(self.newest)

    @property
    def busy(self) -> bool:
        """Whether something will change by itself soon."""
        return self.newest is not None and self.newest.busy


def work_of(sheet: Sheet, user: str, handed: Iterable[Handed], *, now: datetime, final: float | None = None) -> Work:
    """Put one student's assignment together.

    `final` is the gradebook's score, manual points included: it shows once feedback is released, because
    until then the instructor is still at it.
    """
    own = tuple(h for h in handed if h.row.assignment == sheet.assignment and h.row.user == user)
    newest = own[0] if own else None
    released = sheet.results_released_at is not None or (newest is not None and newest.feedback_at is not None)
    shown = shows_hidden(sheet.results, now=now, due=sheet.due_for(user), released=released)
    verdict = for_student(newest.verdict, hidden=shown) if newest and newest.verdict else None
    score = verdict.score if verdict else None
    if newest and newest.feedback_at and shown and final is not None:
        score = final
    return Work(sheet, user, own, verdict, score, shown)


def standing(newest: Handed | None) -> tuple[Look, Text]:
    """The look and the words for a student's newest submission, or for none."""
    if newest is None:
        return NOT_HANDED
    if newest.feedback_at is not None and newest.row.state == "graded":
        return FEEDBACK
    return STATES[newest.row.state]


def next_due(works: Iterable[Work], now: datetime) -> Work | None:
    """What to do next: the earliest due date to come of what is not handed in."""
    open_works = [work for work in works if work.newest is None and work.due is not None and work.due > now]
    return min(open_works, key=lambda work: (work.due, work.sheet.assignment), default=None)


@dataclass(frozen=True)
class Bin:
    """A tenth of the points: `low` to `high` percent, and how many students are in it."""

    low: int
    high: int
    count: int


@dataclass(frozen=True)
class Distribution:
    """How the scores of one assignment are spread; `mean` and `median` in points."""

    bins: tuple[Bin, ...]
    mean: float
    median: float
    count: int

    @property
    def tallest(self) -> int:
        """The largest count, at least one, so that bars have a scale."""
        return max(1, *(b.count for b in self.bins))


def distribution(scores: Sequence[float], max_score: float) -> Distribution | None:
    """Count scores in ten equal bins from 0 to 100 %; full marks lie in the last. None without scores."""
    if not scores or max_score <= 0:
        return None
    counts = [0] * BINS
    for score in scores:
        counts[min(BINS - 1, max(0, int(score / max_score * BINS)))] += 1
    bins = tuple(Bin(i * 100 // BINS, (i + 1) * 100 // BINS, count) for i, count in enumerate(counts))
    return Distribution(bins, fmean(scores), median(scores), len(scores))


def comparable(sheet: Sheet, users: Iterable[str], now: datetime) -> list[str] | None:
    """Whose work may be compared: all whose own due date is past. None before everybody's, or without one."""
    if sheet.due is None or now < sheet.due:
        return None
    return [user for user in users if now >= (sheet.due_for(user) or sheet.due)]


def trouble(handed: Iterable[Handed]) -> list[Handed]:
    """What a person should look at: failed gradings, and verdicts with flags."""
    return [h for h in handed if h.row.state == "failed" or (h.verdict is not None and h.verdict.flags)]


@dataclass(frozen=True)
class Cell:
    """One student's assignment as staff see it: everything, hidden tests included."""

    user: str
    handed: Handed
    score: float | None
    state: tuple[Look, Text]

    @property
    def late(self) -> float:
        """Seconds after his due date; 0.0 in time."""
        return self.handed.row.late_seconds


def cell_of(handed: Handed, final: float | None = None) -> Cell:
    """`final` is the gradebook's score, manual points included; without one the verdict's counts."""
    score = final if final is not None else handed.verdict.score if handed.verdict else None
    return Cell(handed.row.user, handed, score, standing(handed))


def by_student(handed: Iterable[Handed]) -> Mapping[tuple[str, str], Handed]:
    """The newest submission of each (student, assignment); `handed` begins with the newest."""
    found: dict[tuple[str, str], Handed] = {}
    for h in handed:
        found.setdefault((h.row.user, h.row.assignment), h)
    return found
