"""What a challenge consists of: `challenge.toml`, once it was read and found whole. docs/instructor/challenges.md tells each key."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field, field_validator, model_validator

from bitgoeul.hackathon.classification import Average
from bitgoeul.hackathon.metrics import METRICS, Better, Kind, Options
from bitgoeul.names import CourseName, Name
from bitgoeul.profiles import Frozen
from bitgoeul.settings import Bilingual

Split = Literal["train", "public", "private"]
SPLITS: tuple[Split, ...] = ("train", "public", "private")
Tie = Literal["earlier", "shared"]
Mix = Literal["rank", "range", "top"]


class ChallengeName(Name):
    """A challenge: its folder, and a part of its address."""

    noun_ko = "챌린지 이름"
    noun = "challenge name"


class Phase(Frozen):
    """One window in which submissions are taken: `start <= received_at < end`."""

    name: CourseName
    title: Bilingual
    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _forward(self) -> Phase:
        if self.start >= self.end:
            raise ValueError("a phase starts before it ends")
        return self


class Team(Frozen):
    """How many people a team has, and how long before the end it may still change."""

    smallest: int = Field(1, ge=1, le=100)
    largest: int = Field(5, ge=1, le=100)
    closes_minutes: int = Field(120, ge=0, description="before the end: no joining and no merging after")

    @model_validator(mode="after")
    def _in_order(self) -> Team:
        if self.smallest > self.largest:
            raise ValueError("smallest is at most largest")
        return self


class Quota(Frozen):
    """How often a team may submit. Periods begin at midnight of the challenge's zone and last `hours`."""

    scored: int = Field(5, ge=1, le=1000)
    invalid: int = Field(20, ge=1, le=1000, description="files that cannot be read, of a period")
    hours: int = Field(24, description="1, 2, 3, 4, 6, 8, 12 or 24")
    waiting: int = Field(3, ge=1, le=100, description="submissions of a team that are not over yet")

    @field_validator("hours")
    @classmethod
    def _divides_a_day(cls, hours: int) -> int:
        if hours < 1 or 24 % hours:
            raise ValueError("a divisor of 24 was wanted")
        return hours


class Measure(Frozen):
    """The metric and the columns that it reads. With `own` the program in graders/challenges scores."""

    name: str = "own"
    own: bool = False
    better: Better | None = None
    kind: Kind | None = None
    id: str = "id"
    columns: tuple[str, ...] = Field(min_length=1)
    classes: tuple[str, ...] = ()
    weight: str = ""
    group: str = Field("", description="the score is the mean over these groups")
    digits: int | None = Field(None, ge=0, le=8, description="shown on the board; else by the size of the public split")
    least: float | None = None
    average: Average = "macro"
    beta: float = Field(1.0, gt=0)
    quantile: float = Field(0.5, gt=0, lt=1)
    k: int = Field(10, ge=1, le=1000)
    epsilon: float = Field(0.01, ge=1e-16, lt=0.5)

    @model_validator(mode="after")
    def _known(self) -> Measure:
        if self.own == (self.name in METRICS):
            raise ValueError(f"one of {', '.join(METRICS)}, or own = true without a name")
        if self.own and (self.better is None or self.kind is None):
            raise ValueError("an own metric says better and kind")
        if self.of_kind in ("label", "probability") and (len(self.classes) < 2 or len(self.columns) > 1):
            raise ValueError("labels and probabilities have one column and at least two classes")
        return self

    @property
    def of_kind(self) -> Kind:
        """What stands in the target columns."""
        return self.kind or METRICS[self.name].kind

    @property
    def direction(self) -> Better:
        """Which score is better."""
        return self.better or METRICS[self.name].better

    @property
    def lowest(self) -> float | None:
        """The least value of a guess, if there is one."""
        return self.least if self.own or self.least is not None else METRICS[self.name].least

    @property
    def options(self) -> Options:
        """What the metric takes."""
        return Options(self.average, self.beta, self.quantile, self.k, self.epsilon)

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns of a submission beside the id: of three or more classes, a probability each."""
        if self.of_kind == "probability" and len(self.classes) > 2:
            return tuple(f"p_{label}" for label in self.classes)
        return self.columns


class Data(Frozen):
    """How much `make(seed, n, split)` makes for each split, which column is the group; `hidden` are not in test.csv."""

    train: int = Field(ge=1)
    public: int = Field(ge=1)
    private: int = Field(ge=1)
    group: str
    hidden: tuple[str, ...] = ()
    check_seed: int = Field(1, description="for the recorded baselines only; an event draws its own in secret")
    seconds: int = Field(60, ge=1, le=600)


class Criterion(Frozen):
    """One line of the judges' sheet."""

    name: CourseName
    title: Bilingual
    weight: float = Field(gt=0)


class Judging(Frozen):
    """How judges' marks count beside the metric. `judges` see each team; `trim` is cut from each end of their verdicts.

    `mix` makes points of the private score: `rank`, the share of teams that are not above; `range`, where it lies between
    the worst and the best; `top`, (score / best) ^ power.
    """

    share: float = Field(0.0, ge=0, le=1)
    judges: int = Field(3, ge=3, le=20)
    criteria: tuple[Criterion, ...] = ()
    trim: float = Field(0.2, ge=0, lt=0.5)
    mix: Mix = "rank"
    power: float = Field(1.0, gt=0, le=10)
    cohorts: bool = Field(False, description="whoever is of a cohort with a member of the team does not judge it")

    @model_validator(mode="after")
    def _has_a_sheet(self) -> Judging:
        if self.share and not self.criteria:
            raise ValueError("a share of judges needs criteria")
        if len({criterion.name for criterion in self.criteria}) < len(self.criteria):
            raise ValueError("criteria have different names")
        return self


class Compute(Frozen):
    """What one submission may use. Processor time and memory are for the code track, which is to come."""

    upload_mb: int = Field(20, ge=1, le=500)
    baseline_seconds: int = Field(60, ge=1, le=600)
    cpu_seconds: int = Field(30, ge=1, le=3600)
    memory_mb: int = Field(2048, ge=256)


class Baseline(Frozen):
    """What a baseline scores with the check seed, and how far it may be off."""

    public: float
    private: float
    tolerance: float = Field(gt=0)


class Record(Frozen):
    """A whole challenge.toml."""

    title: Bilingual
    summary: Bilingual
    text: Bilingual
    zone: str = "Asia/Seoul"
    phases: tuple[Phase, ...] = Field(min_length=1)
    freeze_minutes: int = Field(0, ge=0, description="before the end, from when on the board stands still")
    tie: Tie = "earlier"
    finals: int = Field(2, ge=1, le=10)
    team: Team = Team()
    quota: Quota = Quota()
    metric: Measure
    data: Data
    judging: Judging = Judging()
    compute: Compute = Compute()
    baselines: dict[str, Baseline] = Field(min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> Record:
        names = [phase.name for phase in self.phases]
        pairs = zip(self.phases, self.phases[1:], strict=False)
        if len(set(names)) < len(names) or any(before.end > after.start for before, after in pairs):
            raise ValueError("phases have different names and follow each other")
        return self


class Challenge(Frozen):
    """A challenge's folder."""

    name: ChallengeName
    folder: Path
    record: Record

    @property
    def scorer(self) -> Path:
        """The program that scores when the metric is its own: `graders/` lies beside the curriculum's folder."""
        return self.folder.parents[1].with_name("graders") / "challenges" / f"{self.name}.py"
