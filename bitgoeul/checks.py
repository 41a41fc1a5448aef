"""What the author of a checker imports: comparisons that are exact about types.

Python's own `==` takes `True` for `1` and `5.0` for `5`. Where that matters, write `same(found, expected)`; where
numbers may differ a little, `found == approx(expected)`.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

__all__ = ["approx", "same"]


class approx:  # noqa: N801 (it reads as a word: found == approx(3.2))
    """Equals numbers that are close, alone or in lists, tuples, dicts and arrays of the same shape.

    Close means within `rel` of the expected value or within `abs` of it. A bool is no number, and nan is close to
    nan only. An array has to be an array, a list a list; a tensor counts as its array.
    """

    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None  # so that an array asks us, and does not compare item by item

    def __init__(self, expected: Any, *, rel: float = 1e-6, abs: float = 1e-9) -> None:  # noqa: A002 (as others call it)
        self.expected, self.rel, self.abs = expected, rel, abs

    def __eq__(self, found: object) -> bool:
        return self._close(found, self.expected)

    def __repr__(self) -> str:
        return f"approx({self.expected!r})"

    def _close(self, found: Any, expected: Any) -> bool:
        if _is_array(expected):
            return self._close_arrays(_values(found), expected)
        if isinstance(expected, dict):
            return (
                isinstance(found, dict)
                and found.keys() == expected.keys()
                and all(self._close(found[key], expected[key]) for key in expected)
            )
        if isinstance(expected, list | tuple):
            return (
                isinstance(found, type(expected))
                and len(found) == len(expected)
                and all(map(self._close, found, expected))
            )
        return self._close_numbers(found, expected) if _is_number(expected) else same(found, expected)

    def _close_numbers(self, found: Any, expected: Any) -> bool:
        found = _values(found)
        if _is_array(found) and found.ndim == 0:
            found = found[()]
        if not _is_number(found):
            return False
        if isinstance(found, complex) or isinstance(expected, complex):
            return abs(complex(found) - complex(expected)) <= max(self.rel * abs(complex(expected)), self.abs)
        if math.isnan(found) or math.isnan(expected):
            return math.isnan(found) and math.isnan(expected)
        if math.isinf(found) or math.isinf(expected):
            return bool(found == expected)
        return bool(abs(found - expected) <= max(self.rel * abs(expected), self.abs))

    def _close_arrays(self, found: Any, expected: Any) -> bool:
        if not _is_array(found) or found.shape != expected.shape:
            return False
        if expected.dtype.kind not in "iufc" or found.dtype.kind not in "iufc":
            return same(found, expected)
        found, expected = found.ravel(), expected.ravel()
        return all(self._close_numbers(*pair) for pair in zip(found.tolist(), expected.tolist(), strict=True))


def same(found: Any, expected: Any, *, strict: bool = False) -> bool:
    """Tell whether a value is the expected one, of the same type all the way down.

    A bool is no int, an int no float, a list no tuple. numpy's and Python's numbers of one kind are the same
    unless it has to be `strict`; nan is the same as nan.
    """
    if _is_array(expected) or _is_array(found):
        return _same_arrays(found, expected, strict=strict)
    kinds = (type(found), type(expected)) if strict else (_kind(found), _kind(expected))
    if kinds[0] != kinds[1]:
        return False
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            same(found[key], expected[key], strict=strict) for key in expected
        )
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(
            same(one, other, strict=strict) for one, other in zip(found, expected, strict=True)
        )
    if hasattr(expected, "equals"):  # a table
        return bool(found.equals(expected))
    both_nan = kinds[0] in ("float", "complex", float, complex) and found != found and expected != expected
    return bool(found == expected) or both_nan


def _same_arrays(found: Any, expected: Any, *, strict: bool) -> bool:
    if not (_is_array(found) and _is_array(expected)) or found.shape != expected.shape:
        return False
    if found.dtype != expected.dtype if strict else found.dtype.kind != expected.dtype.kind:
        return False
    if expected.dtype.kind == "O":
        return same(found.tolist(), expected.tolist(), strict=strict)
    return bool(((found == expected) | ((found != found) & (expected != expected))).all())


def _is_array(value: Any) -> bool:
    return type(value).__name__ == "ndarray"


def _values(found: Any) -> Any:
    return found.array if type(found).__name__ == "Tensor" else found


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Number) and _kind(value) != "bool"


def _kind(value: Any) -> str:
    name = type(value).__name__
    if name in ("bool", "bool_"):
        return "bool"
    if isinstance(value, numbers.Integral):
        return "int"
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Rational):
        return "float"
    return "complex" if isinstance(value, numbers.Complex) and not isinstance(value, numbers.Real) else name
