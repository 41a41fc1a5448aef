"""Metrics of a text or a list in each row: ranked items, masks, sentences. Each gives one score a row.

Ranked items are separated by spaces, best first. A mask is run-length coded, `start length start length ...`, counted
from 1. Texts are compared in Unicode's composed form: the same Korean word typed on a Mac has other bytes.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from bitgoeul.hackathon.classification import Floats

Texts = Sequence[str]


def _each(one: Callable[[str, str], float], truth: Texts, guess: Texts) -> Floats:
    return np.fromiter((one(t, g) for t, g in zip(truth, guess, strict=True)), np.float64, len(truth))


def composed(text: str) -> str:
    """The text in composed form, without blanks at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def _found(truth: str, guess: str, k: int) -> tuple[list[int], int]:
    """The places (from 1) of the right items among the first k, and how many right ones there are."""
    wanted = set(truth.split())
    given = list(dict.fromkeys(guess.split()))[:k]  # naming an item twice gains nothing
    return [place for place, item in enumerate(given, 1) if item in wanted], len(wanted)


def average_precisions(truth: Texts, guess: Texts, *, k: int = 10) -> Floats:
    """Average precision at k; its mean over rows is MAP@k."""

    def one(true: str, given: str) -> float:
        places, wanted = _found(true, given, k)
        return sum(n / place for n, place in enumerate(places, 1)) / min(wanted, k) if wanted else float("nan")

    return _each(one, truth, guess)


def gains(truth: Texts, guess: Texts, *, k: int = 10) -> Floats:
    """Normalised discounted cumulative gain at k, where an item is right or not."""

    def one(true: str, given: str) -> float:
        places, wanted = _found(true, given, k)
        best = sum(1.0 / np.log2(place + 1) for place in range(1, min(wanted, k) + 1))
        return float(sum(1.0 / np.log2(place + 1) for place in places) / best) if wanted else float("nan")

    return _each(one, truth, guess)


def reciprocal_ranks(truth: Texts, guess: Texts, *, k: int = 10) -> Floats:
    """One over the place of the first right item; 0 without one among the first k."""

    def one(true: str, given: str) -> float:
        places, wanted = _found(true, given, k)
        return (1.0 / places[0] if places else 0.0) if wanted else float("nan")

    return _each(one, truth, guess)


def runs(mask: str) -> list[tuple[int, int]]:
    """Read a mask as half-open ranges in order; raise `ValueError` unless they are positive and apart."""
    numbers = [int(part) for part in mask.split() if part.isascii() and part.isdigit() and len(part) < 12]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    found = [(start, start + length) for start, length in pairs]
    apart = all(before[1] <= after[0] for before, after in itertools.pairwise(found))
    if len(numbers) != len(mask.split()) or not apart or any(start < 1 or end <= start for start, end in found):
        raise ValueError("pairs of start and length, in order and apart, were wanted")
    return found


def _overlap(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> int:
    i = j = both = 0
    while i < len(one) and j < len(other):
        both += max(0, min(one[i][1], other[j][1]) - max(one[i][0], other[j][0]))
        if one[i][1] <= other[j][1]:
            i += 1
        else:
            j += 1
    return both


def _sizes(truth: str, guess: str) -> tuple[int, int]:
    """The overlap of two masks, and the sum of their sizes."""
    one, other = runs(truth), runs(guess)
    return _overlap(one, other), sum(end - start for start, end in [*one, *other])


def dice(truth: Texts, guess: Texts) -> Floats:
    """Twice the overlap over the sum of the sizes; 1 for two empty masks."""

    def one(true: str, given: str) -> float:
        both, size = _sizes(true, given)
        return 2.0 * both / size if size else 1.0

    return _each(one, truth, guess)


def iou(truth: Texts, guess: Texts) -> Floats:
    """Overlap over union; 1 for two empty masks."""

    def one(true: str, given: str) -> float:
        both, size = _sizes(true, given)
        return both / (size - both) if size else 1.0

    return _each(one, truth, guess)


def levenshtein(truth: Texts, guess: Texts) -> Floats:
    """The fewest letters to put in, take out or change."""
    return _each(lambda true, given: float(_distance(composed(true), composed(given))), truth, guess)


def _distance(one: str, other: str) -> int:
    if len(one) < len(other):
        one, other = other, one
    letters = np.array([ord(letter) for letter in other])
    steps = np.arange(len(other) + 1)
    row = steps.copy()
    for number, letter in enumerate(one, 1):
        best = np.empty_like(row)
        best[0] = number
        best[1:] = np.minimum(row[:-1] + (letters != ord(letter)), row[1:] + 1)
        row = np.minimum.accumulate(best - steps) + steps  # letters put in, from the left
    return int(row[-1])


def exact(truth: Texts, guess: Texts) -> Floats:
    """1 for each row whose text is the same."""
    return _each(lambda true, given: float(composed(true) == composed(given)), truth, guess)


def token_f1(truth: Texts, guess: Texts) -> Floats:
    """F1 of the words, each as often as it stands there (as SQuAD counts); 1 for two empty texts."""

    def one(true: str, given: str) -> float:
        wanted, there = Counter(composed(true).split()), Counter(composed(given).split())
        size = wanted.total() + there.total()
        return 2.0 * (wanted & there).total() / size if size else 1.0

    return _each(one, truth, guess)
