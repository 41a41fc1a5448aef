"""The student's notebook as a checker sees it: names to call and to look at, behind a line to the sandbox.

All that comes back was written by the student's process. It is read as `codec` says: as plain data or not at all.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import re
import select
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bitgoeul.grading.inside.codec import HEADER, LARGEST, Decoder, Encoder, NotPlain, from_bytes, to_bytes

MOST_QUESTIONS = 20_000
GRACE_SECONDS = 8.0


class StudentRaised(Exception):
    """The student's code ended with an exception; `names` are its class and what that is a kind of."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names[0])
        self.names = names


class NoAnswer(Exception):
    """No value came back: `why` is one of our reasons."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Lost(NoAnswer):
    """The student's process as a whole is gone: nothing more can be asked in this sandbox."""


class AskedOutside(Exception):
    """A checker asked outside of `with points(...)`, which is its author's mistake."""


@dataclass(frozen=True)
class Observed:
    """A call's answer, and what became of its arguments, what it printed and warned of."""

    answer: Any
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    warnings: tuple[str, ...]
    printed: str


@dataclass
class Line:
    """Questions out, answers in; every answer bounded in size and time."""

    socket: socket.socket
    call_seconds: float
    until: float = 0.0
    questions: int = 0

    def wait(self) -> None:
        """Wait until the notebook has run; raise `Lost` if it never will."""
        if self._receive(None).get("k") != "ready":
            raise Lost("silent")

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Ask, and give the answer."""
        self.questions += 1
        seconds = min(self.call_seconds, self.until - time.monotonic())
        if seconds <= 0 or self.questions > MOST_QUESTIONS:
            raise NoAnswer("total-time")
        data = to_bytes(question)
        try:
            self.socket.sendall(HEADER.pack(len(data), max(1, int(seconds * 1000))) + data)
        except OSError:
            raise Lost("process-ended") from None
        return self._receive(time.monotonic() + seconds + GRACE_SECONDS)

    def _receive(self, until: float | None) -> dict[str, Any]:
        length = HEADER.unpack(self._read(HEADER.size, until))[0]
        if length > LARGEST:
            raise Lost("process-ended")
        return from_bytes(self._read(length, until))

    def _read(self, count: int, until: float | None) -> bytes:
        data = bytearray()
        while len(data) < count:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self.socket], [], [], left)[0]:
                raise Lost("cell-time")
            try:
                chunk = self.socket.recv(min(count - len(data), 1 << 20))
            except OSError:
                chunk = b""
            if not chunk:
                raise Lost("process-ended")
            data += chunk
        return bytes(data)


class Student:
    """What a checker may ask. Every method that names something takes the name as the notebook has it."""

    def __init__(self, line: Line, seed: int, say: Callable[..., None] = lambda **figure: None) -> None:
        self.seed = seed
        self._say = say
        self.random = random.Random(seed)
        self._line = line
        self._block: str | None = None
        self._known = False
        self._numpy_random: Any = None

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function with these values and give what it returns, as plain data."""
        return self._value({"op": "call", "name": name, **self._arguments(args, kwargs)})

    def observe(self, name: str, *args: Any, **kwargs: Any) -> Observed:
        """Call a function, and also see what became of its arguments, what it printed and what it warned of."""
        return self._observed({"name": name}, args, kwargs)

    def take(self, count: int, name: str, *args: Any, **kwargs: Any) -> list[Any]:
        """Call a generator function, or anything that gives a series, and give its first `count` items."""
        asked = {"op": "call", "name": name, "take": count, **self._arguments(args, kwargs)}
        return list(self._value(asked))

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a function and leave what it returns where it is: an object, a function, a generator."""
        return self._kept({"op": "call", "name": name, **self._arguments(args, kwargs)})

    new = keep  # student.new("Stack", 3) makes an object of the class Stack

    def get(self, name: str) -> Any:
        """Give a variable's value."""
        return self._value({"op": "get", "name": name})

    def handle(self, name: str) -> Handle:
        """Give a handle of a variable: an object to call methods of, a function to pass on."""
        return self._kept({"op": "get", "name": name})

    def make(self, code: str, **values: Any) -> Handle:
        """Evaluate an expression of the checker's in the student's process, say a function to pass to another.

        The student's process sees the expression: write no expected value into it.
        """
        encoded = {name: self._encode(value) for name, value in values.items()}
        return self._kept({"op": "make", "code": code, "values": encoded})

    def run(self, code: str) -> None:
        """Run statements of the checker's in the student's process; what they define is there to be called."""
        self._value({"op": "run", "code": code})

    def file(self, path: str) -> bytes:
        """Give the bytes of a file that the notebook wrote; its absence is a failure."""
        return bytes(self._value({"op": "file", "path": path}))

    def files(self) -> list[str]:
        """Name the files of the notebook's folder."""
        return list(self._value({"op": "files"}))

    def figures(self) -> list[Any]:
        """Describe the pictures that pyplot holds open."""
        return list(self._value({"op": "figures"}))

    @property
    def rng(self) -> Any:
        """The numpy generator of this block, from the secret seed."""
        if self._numpy_random is None:
            numpy: Any = importlib.import_module("numpy")  # a checker without arrays starts without it
            self._numpy_random = numpy.random.default_rng([self.seed, zlib.crc32(str(self._block).encode())])
        return self._numpy_random

    @contextlib.contextmanager
    def raises(self, *names: str) -> Iterator[None]:
        """Expect an exception of one of these names, or of a kind of them; its absence is a failure."""
        try:
            yield
        except StudentRaised as error:
            if not set(names) & set(error.names):
                raise AssertionError("another exception") from None
        else:
            raise AssertionError("no exception")

    @contextlib.contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Give each call in here at most so many seconds."""
        before, self._line.call_seconds = self._line.call_seconds, min(seconds, self._line.call_seconds)
        try:
            yield
        finally:
            self._line.call_seconds = before

    def figure(
        self,
        name: str,
        value: float,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
        message: Any = None,
    ) -> None:
        """Hold something measured that wobbles with the seed against its thresholds; `message` is an assert's.

        `bitgoeul course calibrate` learns from these how far right answers keep from the thresholds.
        """
        value = float(value)
        self._say(figure={"name": name, "value": value, "at_least": at_least, "at_most": at_most})
        if not (at_least is None or value >= at_least) or not (at_most is None or value <= at_most):
            raise AssertionError(message)

    def begin(self, block: str, *, known: bool = False) -> None:
        """Begin a block, with random numbers of its own: the same ones whatever happened in others.

        In a block whose outcome is known from an earlier attempt, nothing is asked again.
        """
        self._block, self._known, self._numpy_random = block, known, None
        self.random = random.Random(f"{self.seed}:{block}")
        if not known and self._line.ask({"op": "begin"}).get("k") == "lost":
            raise Lost("process-ended")

    def end(self) -> None:
        """End the block, and with it all handles."""
        self._block = None
        if not self._known:
            self._line.ask({"op": "end"})

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        named = {name: self._encode(value) for name, value in kwargs.items()}
        return {"args": [self._encode(value) for value in args], "kwargs": named}

    def _encode(self, value: Any) -> Any:
        return Encoder(lambda one: {"t": "kept", "v": one.number} if isinstance(one, Handle) else None).encode(value)

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if self._block is None:
            raise AskedOutside("ask inside `with points(...)`")
        if self._known:
            raise NoAnswer("known")
        answer = self._line.ask(question)
        kind = answer.get("k")
        if kind == "raised":
            raise StudentRaised(_names(answer.get("names")))
        if kind == "lost":
            raise Lost("cell-time" if answer.get("why") == "timeout" else "process-ended")
        if kind in ("timeout", "ended"):
            raise NoAnswer("cell-time" if kind == "timeout" else "process-ended")
        if kind not in ("value", "kept"):
            raise NotPlain(str(answer.get("why"))[:100])
        return answer

    def _value(self, question: dict[str, Any]) -> Any:
        return Decoder().decode(self._ask(question).get("v"))

    def _observed(self, target: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Observed:
        told = self._ask({"op": "call", **target, "observe": True, **self._arguments(args, kwargs)})
        one = Decoder({"kept": lambda handle: None}).decode
        after, named = one(told.get("args")), told.get("kwargs")
        warned = one(told.get("warnings"))
        if not isinstance(named, dict) or not isinstance(after, list) or not isinstance(warned, list):
            raise NotPlain("an answer of another form")
        keywords = {str(name): one(value) for name, value in named.items()}
        lines = tuple(": ".join(map(str, warning)) for warning in warned if isinstance(warning, list))
        return Observed(one(told.get("v")), tuple(after), keywords, lines, str(told.get("printed")))

    def _kept(self, question: dict[str, Any]) -> Handle:
        answer = self._ask({**question, "keep": True})
        if type(answer.get("v")) is not int:
            raise NotPlain("a handle without a number")
        return Handle(self, answer["v"], str(answer.get("kind"))[:100])


@dataclass(frozen=True)
class Handle:
    """An object in the student's process. It may be passed as an argument, and is gone with its block."""

    student: Student = field(repr=False)
    number: int
    kind: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it and give what it returns."""
        return self._value({"op": "call", **self.student._arguments(args, kwargs)})

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method and give what it returns."""
        return self._value({"op": "call", "path": [method], **self.student._arguments(args, kwargs)})

    def keep(self, method: str, *args: Any, **kwargs: Any) -> Handle:
        """Call a method and leave what it returns where it is."""
        asked = {"op": "call", "path": [method], **self.student._arguments(args, kwargs)}
        return self.student._kept({**asked, "kept": self.number})

    def get(self, attribute: str) -> Any:
        """Give an attribute's value; `a.b` goes deeper."""
        return self._value({"op": "get", "path": attribute.split(".")})

    def value(self) -> Any:
        """Give the object itself, as plain data."""
        return self._value({"op": "get"})

    def take(self, count: int) -> list[Any]:
        """Give its next `count` items."""
        return list(self._value({"op": "get", "take": count}))

    def _value(self, question: dict[str, Any]) -> Any:
        return self.student._value({**question, "kept": self.number})


def _names(told: Any) -> tuple[str, ...]:
    names = told if isinstance(told, list) else []
    good = [name for name in names[:30] if isinstance(name, str) and re.fullmatch(r"[A-Za-z_]\w{0,60}", name)]
    return tuple(good) or ("Exception",)
