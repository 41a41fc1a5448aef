"""Comparisons for checkers: exact about types, kind about the last digits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bitgoeul.checks import approx, same
from bitgoeul.grading.inside.codec import Tensor, Thing

NAN = float("nan")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (5, 5), (np.int64(5), 5), (np.float64(0.5), 0.5), (np.bool_(True), True), (NAN, NAN), ([1, (2,)], [1, (2,)]),
        ({"a": [1]}, {"a": [1]}), (np.array([1, 2]), np.array([1, 2])), ({1, 2}, {2, 1}), (None, None),
        (np.array([1.0, NAN]), np.array([1.0, NAN])), (pd.Series([1, 2]), pd.Series([1, 2])),
    ],
)  # fmt: skip
def test_same_values_of_the_same_kind_are_the_same(found: object, expected: object) -> None:
    assert same(found, expected)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (True, 1), (1, True), (5.0, 5), (5, 5.0), ([1], (1,)), ("1", 1), ([True], [1]), ({"a": 1.0}, {"a": 1}),
        (np.array([1.0]), np.array([1])), (np.array([1]), [1]), ([1], np.array([1])), (None, 0), (Thing("E"), Thing("E")),
        (np.array([[1]]), np.array([1])), (pd.Series([1]), pd.Series([2])), (0.1 + 0.2, 0.3),
    ],
)  # fmt: skip
def test_what_python_takes_for_equal_is_told_apart(found: object, expected: object) -> None:
    assert not same(found, expected)


def test_strict_tells_numpys_numbers_from_pythons() -> None:
    assert not same(np.float64(1.0), 1.0, strict=True)
    assert not same(np.array([1], dtype=np.int32), np.array([1]), strict=True)
    assert same([1, 2.0], [1, 2.0], strict=True)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (0.1 + 0.2, 0.3), (3, 3.0), (np.float32(0.5), 0.5), (np.array(0.5), 0.5), (NAN, NAN), ([1.0, 2.0], [1, 2]),
        ({"a": 0.30000000000000004}, {"a": 0.3}), (np.array([0.1 + 0.2]), np.array([0.3])), (1e-12, 0.0),
        (Tensor(np.array([1.0]), "float32", False), np.array([1.0])), (float("inf"), float("inf")), (1j, 1j),
    ],
)  # fmt: skip
def test_close_numbers_are_close(found: object, expected: object) -> None:
    assert found == approx(expected)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (True, 1), (None, 1.0), ("1", 1), (1.001, 1.0), (NAN, 1.0), (float("inf"), 1e308), ([1.0], (1.0,)),
        ([1.0, 2.0], [1.0]), ([1.0], np.array([1.0])), (np.array([1.0]), 1.0), (Thing("E"), 1.0),
        (np.array([True]), np.array([1.0])), ({"a": 1.0}, {"b": 1.0}), (np.array(["a"]), np.array([1.0])),
    ],
)  # fmt: skip
def test_other_values_and_other_kinds_are_not_close(found: object, expected: object) -> None:
    assert found != approx(expected)
