"""Values as plain data, both ways. One file for both sides: it runs in the sandbox too, with nothing of ours beside it.

What goes over the wire is JSON with a tag wherever JSON has no such thing: a tuple, a set, a number that is not
finite, an array as its bytes. No pickle, no code. The decoder takes nothing on trust: sizes, numbers, nesting,
shapes and types are checked, and what is not exactly of this form is refused. What is not plain data (an object of
a class somebody wrote) arrives as a `Thing` that equals nothing.

numpy, pandas and torch are looked at only where the process has imported them already.
"""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import fractions
import importlib
import json
import math
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LARGEST = 32_000_000  # bytes of one message
MOST_ITEMS = 1_000_000
DEEPEST = 50
MOST_ALIKE = 100
LONGEST_INTEGER = 100_000  # bits
HEADER = struct.Struct(">II")  # the length of a message, and the milliseconds that its answer may take
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_SEQUENCES: dict[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": collections.deque,
}


class NotPlain(ValueError):
    """A value that cannot be sent, or a message that is not one."""


@dataclass(frozen=True, eq=False)
class Thing:
    """An object that is no plain data; `kind` is its class's name. It equals nothing, itself included."""

    kind: str

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor: its values as a numpy array, and what an array cannot say."""

    array: Any
    dtype: str
    requires_grad: bool


@dataclass(frozen=True)
class Figure:
    """A picture as its artists: for each axes a dict of labels, limits, lines, bars, points, images and texts."""

    axes: tuple[dict[str, Any], ...]
    title: str = ""


@dataclass
class Encoder:
    """Turns values into what JSON can hold. `special` may give a message of its own for a value."""

    special: Callable[[Any], dict[str, Any] | None] = lambda value: None
    left: int = field(default=MOST_ITEMS)

    def encode(self, value: Any, depth: int = 0) -> Any:
        """Give the JSON form of a value; raise `NotPlain` where it is too large or too deep."""
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise NotPlain("too many values" if self.left < 0 else "nested too deep")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return _integer(value)
        if kind is float:
            return value if math.isfinite(value) else {"t": "float", "v": str(value)}
        own = self.special(value)
        if own is not None:
            return own
        if isinstance(value, list | tuple | set | frozenset | dict | collections.deque):
            return self.container(value, depth + 1)
        return self.simple(value) or self.library(value, depth) or {"t": "thing", "v": _name(kind)}

    def container(self, value: Any, depth: int) -> Any:
        """Lists and friends; a subclass travels as what it is a kind of."""
        if isinstance(value, dict):
            return {"t": "dict", "v": [[self.encode(k, depth), self.encode(v, depth)] for k, v in value.items()]}
        items = [self.encode(item, depth) for item in value]
        if isinstance(value, list):
            return items
        kinds = {tuple: "tuple", set: "set", frozenset: "frozenset", collections.deque: "deque"}
        return {"t": next(tag for kind, tag in kinds.items() if isinstance(value, kind)), "v": items}

    def simple(self, value: Any) -> dict[str, Any] | None:
        """The standard library's own plain types."""
        kind = type(value)
        if kind in (bytes, bytearray):
            return {"t": "bytes", "v": _text(bytes(value))}
        if kind is complex:
            return {"t": "complex", "v": [self.encode(value.real), self.encode(value.imag)]}
        if kind is range:
            return {"t": "range", "v": [_integer(part) for part in (value.start, value.stop, value.step)]}
        if kind in (datetime.datetime, datetime.date, datetime.time):
            return {"t": kind.__name__, "v": value.isoformat()}
        if kind is datetime.timedelta:
            return {"t": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
        if kind is decimal.Decimal:
            return {"t": "decimal", "v": str(value)}
        if kind is fractions.Fraction:
            return {"t": "fraction", "v": [_integer(value.numerator), _integer(value.denominator)]}
        return None

    def library(self, value: Any, depth: int) -> dict[str, Any] | None:
        """What numpy, pandas and torch have."""
        numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
        torch = sys.modules.get("torch")
        if pandas is not None and type(value) is pandas.Timestamp:
            return {"t": "datetime", "v": value.to_pydatetime(warn=False).isoformat()}
        if numpy is not None and isinstance(value, numpy.generic):
            return {**self.array(numpy.asarray(value), depth), "t": "scalar"}
        if numpy is not None and type(value) is numpy.ndarray:
            return self.array(value, depth)
        if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index):
            return self.table(value, depth)
        if torch is not None and isinstance(value, torch.Tensor):
            plain = value.detach().to("cpu")
            plain = plain.float() if plain.dtype is torch.bfloat16 else plain
            told = {"dtype": str(value.dtype).removeprefix("torch."), "grad": bool(value.requires_grad)}
            return {"t": "tensor", **told, "v": self.array(plain.resolve_conj().numpy(), depth)}
        return None

    def array(self, value: Any, depth: int) -> dict[str, Any]:
        """An array as its bytes; one of objects item by item."""
        shape = [int(length) for length in value.shape]
        if value.dtype.kind == "O":
            return {"t": "array", "dtype": "object", "shape": shape, "v": self.items(value.ravel(), depth)}
        if value.dtype.kind not in "biufcmMUS":
            return {"t": "thing", "v": f"numpy.ndarray of {value.dtype}"[:200]}
        if value.nbytes > LARGEST // 2:
            raise NotPlain("an array too large")
        little = value.astype(value.dtype.newbyteorder("<"), order="C", copy=False)
        return {"t": "array", "dtype": little.dtype.str, "shape": shape, "v": _text(little.tobytes())}

    def items(self, values: Any, depth: int) -> list[Any]:
        """Several values, one level deeper."""
        return [self.encode(item, depth + 1) for item in values]

    def table(self, value: Any, depth: int) -> dict[str, Any]:
        """Columns as arrays, and the index; a column of a type that only pandas has goes as objects."""
        if hasattr(value, "columns"):
            columns = [self.column(value.iloc[:, place], depth) for place in range(value.shape[1])]
            names = self.items(list(value.columns), depth)
            return {"t": "frame", "columns": names, "data": columns, "index": self.column(value.index, depth)}
        if hasattr(value, "index"):
            told = {"name": self.encode(value.name, depth + 1), "index": self.column(value.index, depth)}
            return {"t": "series", "data": self.column(value, depth), **told}
        return {"t": "index", "data": self.column(value, depth), "names": self.items(list(value.names), depth)}

    def column(self, value: Any, depth: int) -> dict[str, Any]:
        """One column with the name of its type."""
        numpy = sys.modules["numpy"]
        dtype = str(value.dtype)
        if isinstance(value.dtype, numpy.dtype):
            return {"dtype": dtype, "v": self.array(value.to_numpy(), depth)}
        if dtype.startswith("datetime64["):  # with a time zone
            return {"dtype": dtype, "v": self.array(numpy.asarray(value, f"datetime64[{value.dtype.unit}]"), depth)}
        objects = [None if item is not item or item is _pandas_na() else item for item in value.astype(object)]
        return {"dtype": dtype[:60], "v": self.array(_objects(objects), depth)}


def _pandas_na() -> Any:
    """The one value by which pandas says that there is none."""
    pandas = sys.modules.get("pandas")
    return getattr(pandas, "NA", None)


def _objects(values: list[Any]) -> Any:
    made = sys.modules["numpy"].empty(len(values), dtype=object)
    for place, value in enumerate(values):
        made[place] = value
    return made


def _integer(value: int) -> Any:
    if value.bit_length() > LONGEST_INTEGER:
        raise NotPlain("an integer too long")
    return value if value.bit_length() < 64 else {"t": "int", "v": hex(value)}


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"[:200]


def _text(data: bytes) -> str:
    if len(data) > LARGEST // 2:
        raise NotPlain("bytes too many")
    return base64.b64encode(data).decode()


class Decoder:
    """Makes values of messages. `special` knows the tags that only one side may receive."""

    def __init__(self, special: dict[str, Callable[[dict[str, Any]], Any]] | None = None) -> None:
        self.special = special or {}
        self.left = MOST_ITEMS

    def decode(self, told: Any, depth: int = 0) -> Any:
        """Give the value; raise `NotPlain` for whatever is not exactly what an encoder writes."""
        try:
            return self.value(told, depth)
        except NotPlain:
            raise
        except Exception as error:  # noqa: BLE001 (on odd values the libraries raise whatever they trip over)
            raise NotPlain(f"a value of another form: {type(error).__name__}") from None

    def value(self, told: Any, depth: int) -> Any:
        """One value."""
        self.left -= 1
        if self.left < 0 or depth > 2 * DEEPEST:
            raise NotPlain("too many values" if self.left < 0 else "nested too deep")
        if told is None or type(told) in (bool, str, float):
            return told
        if type(told) is int:
            return _integer(told)
        if type(told) is list:
            return self.items(told, depth)
        tag = told["t"] if type(told) is dict else None
        if type(tag) is not str:
            raise NotPlain("a value without a tag")
        if tag in self.special:
            return self.special[tag](told)
        if tag in _SEQUENCES:
            items = self.items(told["v"], depth)
            return _SEQUENCES[tag](_unlike(items) if "set" in tag else items)
        if tag == "dict":
            pairs = [self.items(pair, depth) for pair in _list(told["v"])]
            _unlike([key for key, _ in pairs])
            return {key: value for key, value in pairs}  # noqa: C416 (of exactly two)
        return _SIMPLE[tag](told["v"]) if tag in _SIMPLE else self.library(tag, told, depth)

    def items(self, told: Any, depth: int) -> list[Any]:
        """Several values, one level deeper."""
        return [self.value(item, depth + 1) for item in _list(told)]

    def library(self, tag: str, told: dict[str, Any], depth: int) -> Any:
        """Arrays, tables, tensors and pictures."""
        if tag == "array":
            return self.array(told, depth)
        if tag == "scalar":
            return self.array(told, depth)[()]
        if tag == "tensor":
            return Tensor(self.array(told["v"], depth), str(told["dtype"])[:40], told["grad"] is True)
        if tag == "figure":
            return Figure(tuple(self.items(told["axes"], depth)), str(told["title"]))
        pandas: Any = importlib.import_module("pandas")
        if tag == "frame":
            index = self.column(told["index"], depth)
            columns = [pandas.Series(self.column(one, depth), index=index) for one in _list(told["data"])]
            frame = pandas.concat(columns, axis=1) if columns else pandas.DataFrame(index=index)
            frame.columns = self.items(told["columns"], depth)
            return frame
        if tag == "series":
            name, index = self.value(told["name"], depth), self.column(told["index"], depth)
            return pandas.Series(self.column(told["data"], depth), index=index, name=name)
        if tag == "index":
            return pandas.Index(self.column(told["data"], depth))
        raise NotPlain("an unknown tag")

    def array(self, told: dict[str, Any], depth: int) -> Any:
        """An array; its bytes have to be as many as its shape says."""
        numpy: Any = importlib.import_module("numpy")
        shape = [length for length in _list(told["shape"]) if type(length) is int and length >= 0]
        if len(shape) != len(told["shape"]) or len(shape) > 32:
            raise NotPlain("an odd shape")
        if told["dtype"] == "object":
            return _objects(self.items(told["v"], depth)).reshape(shape)
        if not re.fullmatch(r"[<|][biufcmMUS][0-9]{1,7}(\[[0-9]{0,6}[A-Za-zμ]{1,7}\])?", str(told["dtype"])):
            raise NotPlain("an unknown type of array")
        dtype, data = numpy.dtype(told["dtype"]), _bytes(told["v"])
        if math.prod(shape) * dtype.itemsize != len(data):
            raise NotPlain("an array of another size than its shape")
        return numpy.frombuffer(data, dtype=dtype, count=math.prod(shape)).reshape(shape).copy()

    def column(self, told: dict[str, Any], depth: int) -> Any:
        """One column of a table, of its own type where that is a usual one."""
        pandas: Any = importlib.import_module("pandas")
        values, dtype = self.array(told["v"], depth), str(told["dtype"])
        if values.ndim != 1:
            raise NotPlain("a column that is no row of values")
        zone = re.fullmatch(r"datetime64\[(?:s|ms|us|ns), (?!dateutil/)([A-Za-z0-9_+:/-]{1,40})\]", dtype)
        if zone:
            return pandas.DatetimeIndex(values).tz_localize("UTC").tz_convert(zone[1]).array
        return pandas.array(values, dtype=dtype) if dtype in _PANDAS else values


_PANDAS = ("category", "string", "str", "boolean", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32",
           "UInt64", "Float32", "Float64")  # fmt: skip


def _unlike(keys: list[Any]) -> list[Any]:
    """Refuse many keys of one hash: a set of a million such would take hours to build."""
    if len(keys) > MOST_ALIKE and max(collections.Counter(map(hash, keys)).values()) > MOST_ALIKE:
        raise NotPlain("keys too much alike")
    return keys


def _list(told: Any) -> list[Any]:
    if type(told) is not list:
        raise NotPlain("no list")
    return told


def _bytes(told: Any) -> bytes:
    return base64.b64decode(told, validate=True)


def _long(told: str) -> int:
    if len(told) > LONGEST_INTEGER // 4 + 10:
        raise NotPlain("an integer too long")
    return int(told, 16)


def _short(told: str) -> str:
    if len(told) > 1000:
        raise NotPlain("a number too long")
    return told


_SIMPLE: dict[str, Callable[[Any], Any]] = {
    "float": lambda told: _FLOATS[told],
    "int": _long,
    "complex": lambda told: complex(*(_FLOATS[part["v"]] if type(part) is dict else float(part) for part in told)),
    "bytes": _bytes,
    "range": lambda told: range(*(_long(part["v"]) if type(part) is dict else part for part in told)),
    "datetime": lambda told: datetime.datetime.fromisoformat(_short(told)),
    "date": lambda told: datetime.date.fromisoformat(_short(told)),
    "time": lambda told: datetime.time.fromisoformat(_short(told)),
    "timedelta": lambda told: datetime.timedelta(*told),
    "decimal": lambda told: decimal.Decimal(_short(told)),
    "fraction": lambda told: fractions.Fraction(
        *(_long(part["v"]) if type(part) is dict else int(part) for part in told)
    ),
    "thing": lambda told: Thing(str(told)[:200]),
}


def to_bytes(message: Any) -> bytes:
    """Write one message; raise `NotPlain` where it is too large."""
    data = json.dumps(message, allow_nan=False, ensure_ascii=True).encode()
    if len(data) > LARGEST:
        raise NotPlain("a message too large")
    return data


def _refuse(constant: str) -> Any:
    raise NotPlain(f"{constant} is no JSON")


def from_bytes(data: bytes) -> dict[str, Any]:
    """Read one message of anybody's: bounded before it is parsed; raise `NotPlain` for what is not one."""
    if len(data) > LARGEST or data.count(b",") + data.count(b"[") + data.count(b"{") > 2 * MOST_ITEMS:
        raise NotPlain("a message too large")
    try:
        message = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotPlain("no JSON") from None
    if not isinstance(message, dict):
        raise NotPlain("no JSON object")
    return message
