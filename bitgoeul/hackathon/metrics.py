"""The built-in metrics by name, with row weights, groups and several target columns; and how far a score may be off.

A metric that is a mean of row losses says so (`rows`): then its standard error and the Ladder need no second run.
A score is a finite float or `Undefined` is raised: of an answer file that is the host's fault, found when it is made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bitgoeul.hackathon import classification as c
from bitgoeul.hackathon import regression as r
from bitgoeul.hackathon import retrieval as t
from bitgoeul.hackathon.classification import Average, Floats

Kind = Literal["label", "probability", "number", "list", "mask", "text"]
Better = Literal["higher", "lower"]
Column = NDArray[Any]
BLOCKS = 20
MOST_ROWS_TWICE = 5_000
"""Of a larger split, the error is taken from this many rows and scaled: 20 more runs would cost more than the score."""


class Undefined(ValueError):
    """There is no value: one class only, a constant truth, no right item, nothing to average."""


@dataclass(frozen=True)
class Options:
    """What a challenge may choose. `epsilon` keeps a probability of 0 from telling a label; see ARCHITECTURE.md."""

    average: Average = "macro"
    beta: float = 1.0
    quantile: float = 0.5
    k: int = 10
    epsilon: float = 0.01


@dataclass(frozen=True)
class Metric:
    """One metric. `rows` gives one loss or score a row, `finish` is what becomes of their mean; else `whole` gives all.

    `least` is the smallest value that a guess may have, `constant` whether a truth of one value leaves it undefined.
    """

    name: str
    kind: Kind
    better: Better
    rows: Callable[[Column, Column, Options], Floats] | None = None
    whole: Callable[[Column, Column, Floats, int, Options], float] | None = None
    finish: Callable[[float], float] = float
    least: float | None = None


def _label(name: str, whole: Callable[[Column, Column, Floats, int, Options], float]) -> Metric:
    return Metric(name, "label", "higher", whole=whole)


def _by_row(
    name: str, kind: Kind, better: Better, rows: Callable[[Column, Column, Options], Floats], **more: Any
) -> Metric:
    return Metric(name, kind, better, rows=rows, **more)


_ALL = (
    _by_row("accuracy", "label", "higher", lambda y, p, o: c.hits(y, p)),
    _label("balanced-accuracy", lambda y, p, w, n, o: c.balanced_accuracy(y, p, w, classes=n)),
    _label("f1", lambda y, p, w, n, o: c.f_beta(y, p, w, classes=n, average=o.average)),
    _label("f-beta", lambda y, p, w, n, o: c.f_beta(y, p, w, classes=n, average=o.average, beta=o.beta)),
    _label("mcc", lambda y, p, w, n, o: c.matthews(y, p, w, classes=n)),
    _label("quadratic-kappa", lambda y, p, w, n, o: c.quadratic_kappa(y, p, w, classes=n)),
    Metric("auc", "probability", "higher", whole=lambda y, p, w, n, o: c.roc_auc(y, p, w, classes=n)),
    Metric(
        "average-precision",
        "probability",
        "higher",
        whole=lambda y, p, w, n, o: c.average_precision(y, p, w, classes=n),
    ),
    _by_row("log-loss", "probability", "lower", lambda y, p, o: c.log_losses(y, p, epsilon=o.epsilon)),
    _by_row("brier", "probability", "lower", lambda y, p, o: c.brier_losses(y, p)),
    _by_row("mae", "number", "lower", lambda y, p, o: r.absolute(y, p)),
    _by_row("mse", "number", "lower", lambda y, p, o: r.squared(y, p)),
    _by_row("rmse", "number", "lower", lambda y, p, o: r.squared(y, p), finish=math.sqrt),
    _by_row("rmsle", "number", "lower", lambda y, p, o: r.squared_log(y, p), finish=math.sqrt, least=0.0),
    _by_row("mape", "number", "lower", lambda y, p, o: r.percentage(y, p)),
    _by_row("smape", "number", "lower", lambda y, p, o: r.symmetric_percentage(y, p)),
    _by_row("pinball", "number", "lower", lambda y, p, o: r.pinball(y, p, quantile=o.quantile)),
    Metric("r2", "number", "higher", whole=lambda y, p, w, n, o: r.r_squared(y, p, w)),
    Metric("pearson", "number", "higher", whole=lambda y, p, w, n, o: r.pearson(y, p, w)),
    Metric("spearman", "number", "higher", whole=lambda y, p, w, n, o: r.spearman(y, p, w)),
    _by_row("map-at-k", "list", "higher", lambda y, p, o: t.average_precisions(list(y), list(p), k=o.k)),
    _by_row("ndcg-at-k", "list", "higher", lambda y, p, o: t.gains(list(y), list(p), k=o.k)),
    _by_row("mrr", "list", "higher", lambda y, p, o: t.reciprocal_ranks(list(y), list(p), k=o.k)),
    _by_row("dice", "mask", "higher", lambda y, p, o: t.dice(list(y), list(p))),
    _by_row("iou", "mask", "higher", lambda y, p, o: t.iou(list(y), list(p))),
    _by_row("levenshtein", "text", "lower", lambda y, p, o: t.levenshtein(list(y), list(p))),
    _by_row("token-f1", "text", "higher", lambda y, p, o: t.token_f1(list(y), list(p))),
    _by_row("exact-match", "text", "higher", lambda y, p, o: t.exact(list(y), list(p))),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}


@dataclass(frozen=True)
class Problem:
    """What a score is of: truth and weights by row, in one order. `truth` has one array a target column.

    `groups` are numbers: with them, a score is the plain mean over groups of each group's own.
    """

    metric: Metric
    truth: tuple[Column, ...]
    weight: Floats
    groups: NDArray[np.int64] | None = None
    classes: int = 0
    options: Options = Options()

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.weight)

    def part(self, chosen: NDArray[Any]) -> Problem:
        """The same of some rows."""
        groups = None if self.groups is None else self.groups[chosen]
        truth = tuple(column[chosen] for column in self.truth)
        return Problem(self.metric, truth, self.weight[chosen], groups, self.classes, self.options)


@dataclass(frozen=True)
class Score:
    """A score, how far it may be off by chance of the rows (one standard error), and the row losses, if it has such."""

    value: float
    error: float
    losses: Floats | None = None


Guess = tuple[Column, ...]
"""One array a target column; for probabilities of k classes a single (n, k) matrix."""


def value(problem: Problem, guess: Guess) -> float:
    """The metric's value; raise `Undefined` when it has none. -0.0 is 0."""
    if problem.rows == 0:
        raise Undefined("no rows")
    columns = [_grouped(problem, true, given) for true, given in zip(problem.truth, guess, strict=True)]
    found = float(np.mean(columns))
    if not math.isfinite(found):
        raise Undefined(f"{problem.metric.name} is {found}")
    return found + 0.0


def _grouped(problem: Problem, truth: Column, guess: Column) -> float:
    if problem.groups is None:
        return _plain(problem, truth, guess, problem.weight)
    order = np.argsort(problem.groups, kind="stable")
    cuts = np.nonzero(np.diff(problem.groups[order]))[0] + 1
    parts = np.split(order, cuts)
    return float(np.mean([_plain(problem, truth[part], guess[part], problem.weight[part]) for part in parts]))


def _plain(problem: Problem, truth: Column, guess: Column, weight: Floats) -> float:
    metric = problem.metric
    if metric.rows is not None:
        return metric.finish(float(np.average(metric.rows(truth, guess, problem.options), weights=weight)))
    assert metric.whole is not None  # noqa: S101 (each metric has one of the two)
    return metric.whole(truth, guess, weight, problem.classes, problem.options)


def score(problem: Problem, guess: Guess) -> Score:
    """The value with its standard error."""
    with np.errstate(over="ignore"):  # a finite value may have a spread beyond the floats
        found = value(problem, guess)
        losses = row_losses(problem, guess)
        error = _error(problem, guess, losses)
    return Score(found, error if math.isfinite(error) else 0.0, losses)


def row_losses(problem: Problem, guess: Guess) -> Floats | None:
    """The losses whose weighted mean the score is, the smaller the better; None when it is no such mean."""
    metric = problem.metric
    if metric.rows is None or metric.finish is not float or problem.groups is not None:
        return None
    pairs = zip(problem.truth, guess, strict=True)
    found: Floats = np.mean([metric.rows(true, given, problem.options) for true, given in pairs], axis=0)
    return found if metric.better == "lower" else -found


def _error(problem: Problem, guess: Guess, losses: Floats | None) -> float:
    """Of a mean, from the spread of its rows; else by leaving out one of 20 blocks at a time (jackknife)."""
    if problem.rows < 2:
        return 0.0
    if losses is not None:
        share = problem.weight / problem.weight.sum()
        return float(np.sqrt(np.sum((share * (losses - share @ losses)) ** 2) * problem.rows / (problem.rows - 1)))
    rng = np.random.default_rng(0)  # the same blocks for everybody and each time
    drawn = rng.permutation(problem.rows)[:MOST_ROWS_TWICE]
    blocks = _blocks(problem, drawn, rng)
    found = []
    for block in range(BLOCKS):
        kept = drawn[blocks != block]
        try:
            found.append(value(problem.part(kept), tuple(column[kept] for column in guess)))
        except Undefined:
            continue  # a block that held all of a class
    if len(found) < 2:
        return 0.0
    spread = (len(found) - 1) * float(np.var(found))
    return math.sqrt(spread * len(drawn) / problem.rows)


def _blocks(problem: Problem, drawn: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """A block for each drawn row; rows of one group stay together, as they are alike."""
    if problem.groups is None:
        return np.arange(len(drawn)) % BLOCKS
    names, place = np.unique(problem.groups[drawn], return_inverse=True)
    result: NDArray[Any] = (rng.permutation(len(names)) % BLOCKS)[place]
    return result
