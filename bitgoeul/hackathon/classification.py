"""Metrics of labels and of probabilities, as scikit-learn defines them, with weights.

Truth is an array of class numbers `0..k-1` (places in the challenge's list of classes), `guess` the same for labels, an
(n, k) matrix or an (n,) array of the last class's probabilities otherwise. `weight` is (n,), positive. A value that is
not defined is nan; `metrics` says what that means.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Average = Literal["binary", "macro", "micro", "weighted"]
EPSILON = float(np.finfo(np.float64).eps)


def confusion(truth: Numbers, guess: Numbers, weight: Floats, classes: int) -> Floats:
    """Weights by (true class, guessed class), a (k, k) matrix."""
    counted = np.bincount(truth * classes + guess, weights=weight, minlength=classes * classes)
    return counted.reshape(classes, classes).astype(np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    """0/0 is 0, as `zero_division=0` says."""
    return np.divide(above, below, out=np.zeros_like(above, dtype=np.float64), where=below != 0)


def balanced_accuracy(truth: Numbers, guess: Numbers, weight: Floats, *, classes: int) -> float:
    """The mean recall of the classes that occur."""
    table = confusion(truth, guess, weight, classes)
    there = table.sum(axis=1)
    return float(np.mean(np.diag(table)[there > 0] / there[there > 0]))


def f_beta(
    truth: Numbers, guess: Numbers, weight: Floats, *, classes: int, average: Average = "macro", beta: float = 1.0
) -> float:
    """F of precision and recall. `binary` takes the last class as positive; `macro` averages what occurs in either."""
    table = confusion(truth, guess, weight, classes)
    hits, wanted, given = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    if average == "micro":
        hits, wanted, given = (np.array([part.sum()]) for part in (hits, wanted, given))
    each = _ratio((1 + beta**2) * hits, beta**2 * wanted + given)
    if average == "binary":
        return float(each[-1])
    if average == "weighted":
        return float(np.average(each, weights=wanted))
    return float(np.mean(each[(wanted > 0) | (given > 0)]))


def matthews(truth: Numbers, guess: Numbers, weight: Floats, *, classes: int) -> float:
    """Matthews' correlation of k classes (Gorodkin 2004); 0 where one side has a single class."""
    table = confusion(truth, guess, weight, classes)
    wanted, given, hits, all_ = table.sum(axis=1), table.sum(axis=0), np.trace(table), table.sum()
    together = hits * all_ - wanted @ given
    spread = (all_**2 - given @ given) * (all_**2 - wanted @ wanted)
    return float(together / np.sqrt(spread)) if spread > 0 else 0.0


def quadratic_kappa(truth: Numbers, guess: Numbers, weight: Floats, *, classes: int) -> float:
    """Cohen's kappa with squared distances between the places of the classes in the challenge's list."""
    table = confusion(truth, guess, weight, classes)
    places = np.arange(classes)
    distance = (places[:, None] - places[None, :]) ** 2
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    below = float((distance * expected).sum())
    return 1.0 - float((distance * table).sum()) / below if below else float("nan")


def _steps(positive: NDArray[np.bool_], guess: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weights of positives and negatives above each distinct threshold, from the highest down."""
    order = np.argsort(-guess, kind="stable")
    found, ranked, weights = positive[order], guess[order], weight[order]
    last = np.r_[np.nonzero(np.diff(ranked))[0], len(ranked) - 1]
    return np.cumsum(weights * found)[last], np.cumsum(weights * ~found)[last]


def _area(positive: NDArray[np.bool_], guess: Floats, weight: Floats) -> float:
    if positive.all() or not positive.any():
        return float("nan")
    hits, misses = _steps(positive, guess, weight)
    hits, misses = np.r_[0.0, hits], np.r_[0.0, misses]
    return float(np.trapezoid(hits, misses) / (hits[-1] * misses[-1]))


def roc_auc(truth: Numbers, guess: Floats, weight: Floats, *, classes: int) -> float:
    """The area under the ROC curve; with a matrix, the mean over classes of each against the rest."""
    if guess.ndim == 1:
        return _area(truth == classes - 1, guess, weight)
    return float(np.mean([_area(truth == place, guess[:, place], weight) for place in range(classes)]))


def average_precision(truth: Numbers, guess: Floats, weight: Floats, *, classes: int) -> float:
    """Precision weighted by the growth of recall, without interpolation."""
    positive = truth == classes - 1
    if not positive.any():
        return float("nan")
    hits, misses = _steps(positive, guess, weight)
    return float(np.sum(np.diff(np.r_[0.0, hits]) / hits[-1] * hits / (hits + misses)))


def _matrix(guess: Floats) -> Floats:
    return np.column_stack([1.0 - guess, guess]) if guess.ndim == 1 else guess


def hits(truth: Numbers, guess: Numbers) -> Floats:
    """1 for each right row."""
    return np.asarray(truth == guess, np.float64)


def log_losses(truth: Numbers, guess: Floats, *, epsilon: float = EPSILON) -> Floats:
    """Minus the logarithm of what was given to the true class, of [epsilon, 1 - epsilon] at most."""
    given = _matrix(guess)[np.arange(len(truth)), truth]
    result: Floats = -np.log(np.clip(given, epsilon, 1.0 - epsilon))
    return result


def brier_losses(truth: Numbers, guess: Floats) -> Floats:
    """The squared distance of the probabilities from the truth; of two classes, half of it."""
    given = _matrix(guess)
    wanted = np.zeros_like(given)
    wanted[np.arange(len(truth)), truth] = 1.0
    result: Floats = ((given - wanted) ** 2).sum(axis=1)
    half: Floats = result / 2.0
    return half if guess.ndim == 1 else result
