"""Answers the checker's questions in the student's own process, after all cells have run.

Everything here is the student's to patch: it can only lie about its own values, which are judged outside. Nothing
that matters is in this process: no expected value, no seed, no test. It knows which function is to be called with
which values, when it is to be called.

Each block of a checker is answered by a fork of this process. So a function that ends its process, or spoils a
variable, spoils one block only, and one that never returns is ended from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import io
import itertools
import os
import select
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import codec

MOST_PRINTED = 100_000
FORK_SECONDS = 5
READY = b'{"k": "ready"}'
BEGIN, END = b'{"op": "begin"}', b'{"op": "end"}'


def receive(line: socket.socket, count: int) -> bytes:
    """Read exactly that many bytes; none when the other side is gone."""
    data = bytearray()
    while len(data) < count:
        chunk = line.recv(min(count - len(data), 1 << 20))
        if not chunk:
            return b""
        data += chunk
    return bytes(data)


class Bounded(io.StringIO):
    """Keeps the beginning of what is printed."""

    def write(self, text: str) -> int:
        """Keep it while there is room."""
        if self.tell() < MOST_PRINTED:
            super().write(text[:MOST_PRINTED])
        return len(text)


class Block:
    """Answers one block's questions, in the fork."""

    def __init__(self, shell: Any, folder: str) -> None:
        self.shell, self.folder = shell, folder
        self.names: dict[str, Any] = shell.user_ns
        self.kept: dict[int, Any] = {}
        self.numbers = itertools.count(1)
        self.process = os.getpid()

    def answer(self, data: bytes) -> bytes:
        """Answer one question, whatever happens in the student's code."""
        try:
            asked = codec.from_bytes(data)
            told = getattr(self, f"do_{asked['op']}")(asked)
        except codec.NotPlain as error:
            told = {"k": "not-plain", "why": str(error)}
        except BaseException as error:  # noqa: BLE001 (the edge to the student's code: it may raise anything)
            told = {"k": "raised", "names": [kind.__name__ for kind in type(error).__mro__ if kind is not object]}
        if os.getpid() != self.process:
            os._exit(0)  # a fork that the student's code forgot to end: two would answer
        try:
            return bytes(codec.to_bytes(told))
        except (ValueError, RecursionError, MemoryError):
            return b'{"k": "not-plain", "why": "too large"}'

    def decode(self, told: Any) -> Any:
        """A value from outside; a handle is what was kept under its number."""
        return codec.Decoder({"kept": lambda handle: self.kept[handle["v"]]}).decode(told)

    def encode(self, value: Any) -> Any:
        """A value on its way out."""
        encoder = codec.Encoder(self.picture)
        return encoder.encode(value)

    def picture(self, value: Any) -> dict[str, Any] | None:
        """Describe a figure by its artists."""
        figures = sys.modules.get("matplotlib.figure")
        if figures is None or not isinstance(value, figures.Figure):
            return None
        axes = [codec.Encoder().encode(describe_axes(one)) for one in value.axes]
        return {"t": "figure", "title": str(value.get_suptitle()), "axes": axes}

    def target(self, asked: dict[str, Any]) -> Any:
        """The variable, kept object or attribute that is meant."""
        if "name" in asked:
            if asked["name"] not in self.names:
                raise NameError(asked["name"])
            found = self.names[asked["name"]]
        else:
            found = self.kept[asked["kept"]]
        for part in asked.get("path", ()):
            found = getattr(found, part)
        return found

    def result(self, asked: dict[str, Any], value: Any) -> dict[str, Any]:
        """Send a value, or keep it here and send its number."""
        if asked.get("take") is not None:
            value = list(itertools.islice(iter(value), asked["take"]))
        if asked.get("keep"):
            number = next(self.numbers)
            self.kept[number] = value
            return {"k": "kept", "v": number, "kind": type(value).__name__}
        return {"k": "value", "v": self.encode(value)}

    def do_get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Look at a variable or an attribute."""
        return self.result(asked, self.target(asked))

    def do_call(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Call something; with `observe`, also tell what became of its arguments, what it printed and warned."""
        function = self.target(asked)
        arguments = [self.decode(one) for one in asked["args"]]
        keywords = {name: self.decode(one) for name, one in asked["kwargs"].items()}
        if not asked.get("observe"):
            return self.result(asked, finish(function(*arguments, **keywords)))
        with watched() as (caught, printed):
            value = finish(function(*arguments, **keywords))
        told = self.result(asked, value)
        told["args"] = [self.encode(one) for one in arguments]
        told["kwargs"] = {name: self.encode(one) for name, one in keywords.items()}
        told["warnings"] = [[one.category.__name__, str(one.message)[:500]] for one in caught[:100]]
        told["printed"] = printed.getvalue()
        return told

    def do_make(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Evaluate an expression of the checker's, with values of its own, among the student's names."""
        values = {name: self.decode(one) for name, one in asked["values"].items()}
        return self.result(asked, eval(asked["code"], {**self.names, **values}))  # noqa: S307 (the checker's own)

    def do_run(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Run statements of the checker's among the student's names."""
        exec(asked["code"], self.names)  # noqa: S102 (the checker's own)
        return {"k": "value", "v": None}

    def do_file(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Read a file that the notebook wrote."""
        with open(os.path.join(self.folder, asked["path"]), "rb") as file:  # noqa: PTH118, PTH123 (a student may have patched Path)
            return {"k": "value", "v": self.encode(file.read(codec.LARGEST))}

    def do_files(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Name the files of the notebook's folder."""
        found = sorted(str(path.relative_to(self.folder)) for path in Path(self.folder).rglob("*") if path.is_file())
        return {"k": "value", "v": found[:10_000]}

    def do_figures(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Describe the figures that pyplot holds open."""
        plot = sys.modules.get("matplotlib.pyplot")
        return {"k": "value", "v": self.encode([plot.figure(n) for n in plot.get_fignums()] if plot else [])}


def finish(value: Any) -> Any:
    """Wait for a coroutine; this thread has a loop of its own running already."""
    if not inspect.iscoroutine(value):
        return value
    done: list[Any] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            done.append(asyncio.run(value))
        except BaseException as error:  # noqa: BLE001 (raised again in the thread that asked)
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


@contextlib.contextmanager
def watched() -> Iterator[tuple[list[warnings.WarningMessage], io.StringIO]]:
    """See warnings, numpy's among them, and what is printed."""
    printed = Bounded()
    numpy = sys.modules.get("numpy")
    strict = numpy.errstate(over="warn", invalid="warn", divide="warn") if numpy else contextlib.nullcontext()
    with warnings.catch_warnings(record=True) as caught, strict, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        yield caught, printed


def describe_axes(axes: Any) -> dict[str, Any]:
    """What can be seen in one axes, as plain data."""
    colors: Any = importlib.import_module("matplotlib.colors")

    def look(colour: Any) -> str:
        return str(colors.to_hex(colour, keep_alpha=True))

    legend = axes.get_legend()
    bars = [patch for patch in axes.patches if hasattr(patch, "get_height") and hasattr(patch, "get_x")]
    boxes = [(bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()) for bar in bars]
    return {
        "title": axes.get_title(),
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "xlim": [float(limit) for limit in axes.get_xlim()],
        "ylim": [float(limit) for limit in axes.get_ylim()],
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "xticks": [label.get_text() for label in axes.get_xticklabels()],
        "yticks": [label.get_text() for label in axes.get_yticklabels()],
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
        "lines": [
            {"x": _floats(line.get_xdata()), "y": _floats(line.get_ydata()), "label": str(line.get_label()),
             "color": look(line.get_color()), "style": str(line.get_linestyle()), "marker": str(line.get_marker())}
            for line in axes.lines
        ],
        "bars": [
            {"x": float(x), "y": float(y), "width": float(w), "height": float(h), "color": look(bar.get_facecolor())}
            for bar, (x, y, w, h) in zip(bars, boxes, strict=True)
        ],
        "points": [
            {"xy": [_floats(pair) for pair in group.get_offsets()], "label": str(group.get_label()),
             "colors": [look(colour) for colour in group.get_facecolors()]}
            for group in axes.collections if hasattr(group, "get_offsets")
        ],
        "images": [{"shape": [int(n) for n in image.get_array().shape]} for image in axes.images],
        "texts": [text.get_text() for text in axes.texts],
    }  # fmt: skip


def _floats(values: Any) -> list[float]:
    return [float(value) for value in values]


def lead_nowhere() -> None:
    """Let what is written to the usual descriptors vanish."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def silence(shell: Any) -> None:
    """In the fork: nothing that is printed or displayed goes anywhere."""
    lead_nowhere()
    sys.stdout, sys.stderr = Bounded(), Bounded()
    with contextlib.suppress(AttributeError):  # whatever shell there is now
        shell.display_pub.publish = lambda *args, **kwargs: None
        shell.display_pub.clear_output = lambda *args, **kwargs: None
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def answer_all(line: socket.socket, block: Block) -> None:
    """The fork's whole life."""
    while head := receive(line, codec.HEADER.size):
        answer = block.answer(receive(line, codec.HEADER.unpack(head)[0]))
        line.sendall(codec.HEADER.pack(len(answer), 0) + answer)


def fork() -> int:
    """Fork; what an ended block had started still counts as processes until the last of it is gone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        until = time.monotonic() + FORK_SECONDS
        while True:
            try:
                return os.fork()
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)


class Agent:
    """Passes questions to the fork of the present block, and says so when it does not answer."""

    def __init__(self, line: socket.socket, shell: Any, folder: str) -> None:
        self.line, self.shell, self.folder = line, shell, folder
        self.fork: tuple[int, socket.socket] | None = None

    def serve(self) -> None:
        """Answer until the other side is gone."""
        while head := receive(self.line, codec.HEADER.size):
            length, most = codec.HEADER.unpack(head)
            data = receive(self.line, length)
            if data in (BEGIN, END):
                self.end()
                answer = self.begin() if data == BEGIN else b'{"k": "done"}'
            else:
                answer = self.ask(head + data, most / 1000)
            self.line.sendall(codec.HEADER.pack(len(answer), 0) + answer)
        self.end()

    def begin(self) -> bytes:
        """Start the fork of a block."""
        ours, theirs = socket.socketpair()
        try:
            child = fork()
        except OSError:
            return b'{"k": "ended"}'
        if child == 0:
            try:
                os.setpgid(0, 0)  # so that all that it starts can be ended with it
                self.line.close()
                ours.close()
                silence(self.shell)
                answer_all(theirs, Block(self.shell, self.folder))
            finally:
                os._exit(0)
        theirs.close()
        self.fork = (child, ours)
        return b'{"k": "done"}'

    def end(self) -> None:
        """End the fork."""
        if self.fork is not None:
            child, line = self.fork
            self.fork = None
            line.close()
            for end in (os.killpg, os.kill):
                with contextlib.suppress(OSError):
                    end(child, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(child, 0)

    def ask(self, question: bytes, seconds: float) -> bytes:
        """Ask the fork; `ended` and `timeout` are the answers of one that gives none."""
        if self.fork is None:
            return b'{"k": "ended"}'
        line = self.fork[1]
        until = time.monotonic() + seconds
        answer: bytes | None = None
        try:
            line.settimeout(seconds + 0.5)
            line.sendall(question)
            if not select.select([line], [], [], seconds)[0]:
                answer = b'{"k": "timeout"}'
            else:
                line.settimeout(max(1.0, until - time.monotonic()))
                head = receive(line, codec.HEADER.size)
                length = codec.HEADER.unpack(head)[0] if head else 0
                if 0 < length <= codec.LARGEST:
                    return receive(line, length) or self.lost(b'{"k": "ended"}')
        except TimeoutError:
            answer = b'{"k": "timeout"}'
        except OSError:
            answer = None
        return self.lost(answer or b'{"k": "ended"}')

    def lost(self, answer: bytes) -> bytes:
        """The fork is of no more use."""
        self.end()
        return answer


def serve(line: socket.socket, shell: Any, folder: str) -> None:
    """Answer the checker at the other end of the line until it has no more questions."""
    line.sendall(codec.HEADER.pack(len(READY), 0) + READY)
    Agent(line, shell, folder).serve()
