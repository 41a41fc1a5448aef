"""Metrics of numbers, as scikit-learn and scipy define them, with weights. All arrays are (n,)."""

from __future__ import annotations

import numpy as np

from bitgoeul.hackathon.classification import EPSILON, Floats


def absolute(truth: Floats, guess: Floats) -> Floats:
    """The absolute errors."""
    return np.abs(truth - guess)


def squared(truth: Floats, guess: Floats) -> Floats:
    """The squared errors."""
    result: Floats = (truth - guess) ** 2
    return result


def squared_log(truth: Floats, guess: Floats) -> Floats:
    """The squared errors of log(1 + value)."""
    result: Floats = (np.log1p(truth) - np.log1p(guess)) ** 2
    return result


def percentage(truth: Floats, guess: Floats) -> Floats:
    """The errors as shares of the truth."""
    result: Floats = np.abs(truth - guess) / np.maximum(np.abs(truth), EPSILON)
    return result


def symmetric_percentage(truth: Floats, guess: Floats) -> Floats:
    """The errors as shares of the mean of both sizes: 0 to 2, and 0 where both are 0."""
    below = (np.abs(truth) + np.abs(guess)) / 2.0
    return np.divide(np.abs(truth - guess), below, out=np.zeros_like(below), where=below > 0)


def pinball(truth: Floats, guess: Floats, *, quantile: float = 0.5) -> Floats:
    """The losses of a guessed quantile."""
    off = truth - guess
    return np.maximum(quantile * off, (quantile - 1.0) * off)


def r_squared(truth: Floats, guess: Floats, weight: Floats) -> float:
    """The share of the variance that is explained."""
    around = truth - np.average(truth, weights=weight)
    below = float(np.sum(weight * around**2))
    return 1.0 - float(np.sum(weight * (truth - guess) ** 2)) / below if below > 0 else float("nan")


def pearson(truth: Floats, guess: Floats, weight: Floats) -> float:
    """The linear correlation. A constant guess has none: 0. A constant truth leaves it undefined."""
    if np.ptp(truth) == 0:
        return float("nan")
    if np.ptp(guess) == 0:
        return 0.0
    one, other = truth - np.average(truth, weights=weight), guess - np.average(guess, weights=weight)
    # Scaled first: squares of very large or very small numbers would leave the floats' range.
    one, other = one / np.abs(one).max(), other / np.abs(other).max()
    below = np.sqrt(np.sum(weight * one**2) * np.sum(weight * other**2))
    return float(np.clip(np.sum(weight * one * other) / below, -1.0, 1.0))


def ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    result: Floats = (last - (counts - 1) / 2.0)[place]
    return result


def spearman(truth: Floats, guess: Floats, weight: Floats) -> float:
    """The correlation of the ranks; weights weigh the rows, not the ranks."""
    return pearson(ranks(truth), ranks(guess), weight)
