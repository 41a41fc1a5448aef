"""Plain data there and back, and what a hostile writer may try."""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import fractions
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bitgoeul.checks import same
from bitgoeul.grading.inside import codec
from bitgoeul.grading.inside.codec import Decoder, Encoder, NotPlain, Thing, from_bytes, to_bytes


def there_and_back(value: Any) -> Any:
    return Decoder().decode(from_bytes(to_bytes({"v": Encoder().encode(value)}))["v"])


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -(2**200), 2**63, 1.5, float("inf"), "가\ud800", b"\x00\xff", (1, [2, {"a": {3}}]), 1 + 2j,
        frozenset([1]), collections.deque([1, 2]), range(3, 9, 2), {(1, 2): "pair", 3: None}, datetime.date(2026, 3, 1),
        datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC), datetime.timedelta(1, 2, 3), decimal.Decimal("1.10"),
        fractions.Fraction(1, 3), complex(float("inf"), 0),
    ],
)  # fmt: skip
def test_plain_values_come_back_with_their_types(value: Any) -> None:
    back = there_and_back(value)

    assert type(back) is type(value)
    assert back == value


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3), np.array(1.5), np.array([], dtype=np.float32), np.array([True, False]),
        np.array(["가", "b"]), np.array([1, "x", None], dtype=object), np.array(["2026-01-01"], dtype="datetime64[D]"),
        np.arange(6, dtype=">i4").reshape(2, 3).T, np.zeros((0, 3)), np.array([1j]), np.float32(0.1), np.bool_(True),
    ],
)  # fmt: skip
def test_arrays_and_numpys_numbers_come_back_with_their_types(array: Any) -> None:
    back = there_and_back(array)

    assert type(back) is type(array)
    assert back.shape == array.shape
    assert back.dtype.newbyteorder("=") == array.dtype.newbyteorder("=")
    assert same(np.asarray(back).tolist(), np.asarray(array).tolist())


def test_nan_comes_back_as_nan() -> None:
    assert math.isnan(there_and_back(float("nan")))


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [0.5, float("nan")]}, index=["r", "s"]),
        pd.DataFrame({"when": pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True).tz_convert("Asia/Seoul")}),
        pd.DataFrame([[1, 2]], columns=["same", "same"]),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "k": pd.Categorical(["u", "v"])}),
        pd.Series([1, 2], name="s", index=pd.to_datetime(["2026-01-01", "2026-01-02"])),
    ],
)  # fmt: skip
def test_tables_come_back_with_columns_index_and_types(table: Any) -> None:
    back = there_and_back(table)

    if isinstance(table, pd.DataFrame):
        pd.testing.assert_frame_equal(back, table, check_freq=False, check_column_type=False)
    else:
        pd.testing.assert_series_equal(back, table, check_freq=False)


def test_an_object_of_a_students_class_becomes_a_thing_that_equals_nothing() -> None:
    class Everything(float):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    for evil in (Everything(1.0), object(), len, Everything):
        back = there_and_back(evil)

        assert isinstance(back, Thing)
        assert back != back
        assert back != 1.0


def test_what_is_too_much_is_not_written() -> None:
    endless: list[Any] = []
    endless.append(endless)
    for value in (endless, [0] * (codec.MOST_ITEMS + 1), 1 << 200_000, np.zeros(10**7), b"x" * codec.LARGEST):
        with pytest.raises(NotPlain):
            to_bytes(Encoder().encode(value))


def array(**changes: Any) -> dict[str, Any]:
    return {"t": "array", "dtype": "<f8", "shape": [2], "v": base64.b64encode(bytes(16)).decode(), **changes}


@pytest.mark.parametrize(
    "told",
    [
        {}, {"t": 1}, {"t": []}, {"t": "no such tag"}, {"t": "tuple"}, {"t": "tuple", "v": "text"}, {"t": "float", "v": "1e400"},
        {"t": "int", "v": "0x" + "f" * 100_000}, {"t": "int", "v": 5}, {"t": "dict", "v": [[1]]}, {"t": "dict", "v": [[[], 1]]},
        {"t": "set", "v": [[1]]}, {"t": "bytes", "v": "?"}, {"t": "kept", "v": 1}, {"t": "decimal", "v": "1" * 5000},
        {"t": "datetime", "v": "soon"}, {"t": "range", "v": [0, 1, 0]}, {"t": "fraction", "v": [1, 0]},
        {"t": "timedelta", "v": [10**12, 0, 0]}, {"t": "complex", "v": [{"t": "x"}]}, array(shape=[3]), array(shape=[-2]),
        array(shape=[10**15, 10**15]), array(shape=["2"]), array(shape=2), array(dtype="O"), array(dtype="|O8"),
        array(dtype="<V8"), array(dtype="<f8,<f8"), array(dtype=["<f8"]), array(dtype="<U9999999"), array(v="AA"),
        array(dtype="object", v=[1]), array(shape=[1] * 60), {"t": "frame", "columns": [1], "data": [], "index": {"dtype": "i", "v": array()}},
        {"t": "frame", "columns": [1], "data": [{"dtype": "int64", "v": array(shape=[1, 2])}], "index": {"dtype": "i", "v": array()}},
        {"t": "series", "data": {"dtype": "category", "v": array(dtype="object", v=[[], {}])}, "name": 1, "index": None},
        {"t": "tensor", "dtype": "float32", "grad": True, "v": {"t": "thing", "v": "x"}}, {"t": "figure", "axes": 5, "title": ""},
    ],
)  # fmt: skip
def test_anything_that_no_encoder_writes_is_refused(told: Any) -> None:
    with pytest.raises(NotPlain):
        Decoder().decode(told)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"5", b"\xff\xfe", b'{"v": NaN}', b'{"v": Infinity}', b'{"v":' * 200_000, b"[" * 1_000_000,
        b'{"v": [' + b"1," * (2 * codec.MOST_ITEMS + 1) + b"1]}", b" " * (codec.LARGEST + 1), b'{"v": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_bytes_that_are_no_bounded_message_are_refused(data: bytes) -> None:
    with pytest.raises(NotPlain):
        from_bytes(data)


def test_deep_and_many_values_are_refused() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    for told in (deep, {"t": "tuple", "v": [0] * (codec.MOST_ITEMS + 1)}):
        with pytest.raises(NotPlain):
            Decoder().decode(told)


@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
def test_keys_that_all_have_one_hash_are_refused_at_once(tag: str) -> None:
    keys = [{"t": "int", "v": hex(number * (2**61 - 1))} for number in range(5, 50_000)]
    told = {"t": tag, "v": [[key, 1] for key in keys] if tag == "dict" else keys}

    with pytest.raises(NotPlain, match="alike"):
        Decoder().decode(told)


def test_no_file_of_the_machine_is_opened_for_a_time_zone() -> None:
    column = Encoder().encode(pd.Series(pd.to_datetime(["2024-01-01"]).tz_localize("Asia/Seoul")))
    text = json.dumps(column).replace("Asia/Seoul", "dateutil//etc/hostname")

    assert not isinstance(getattr(Decoder().decode(json.loads(text)), "dtype", None), pd.DatetimeTZDtype)
