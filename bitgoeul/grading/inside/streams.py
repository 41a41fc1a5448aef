"""What a notebook's code, and the programs that it starts, write: all of it becomes text of the present cell."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import select
import threading
from typing import Protocol


class Keeper(Protocol):
    """Who takes the text: the kernel of the process with that number."""

    process: int

    def put_text(self, name: str, text: str) -> None:
        """Take text of one stream."""

    def flush_text(self) -> None:
        """Put what was taken into the outputs."""


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the kernel. Text of one name that comes in a row is one output."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, kernel: Keeper, name: str, descriptor: int) -> None:
        self.kernel, self.name, self.descriptor = kernel, name, descriptor

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """It is none."""
        return False

    def fileno(self) -> int:
        """The descriptor that programs started from here inherit; it is read, too."""
        return self.descriptor

    def write(self, text: str) -> int:
        """Keep text; from a process forked from here it goes through the descriptor, as anybody else's."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self.kernel.process:
            os.write(self.descriptor, text.encode(errors="replace"))
        elif text:
            self.kernel.put_text(self.name, text)
        return len(text)

    def flush(self) -> None:
        """Put what waits into the outputs."""
        if os.getpid() == self.kernel.process:
            self.kernel.flush_text()


class Pump:
    """Reads what programs, and code below Python, write to descriptors 1 and 2."""

    def __init__(self, kernel: Keeper) -> None:
        self.kernel, self.lock = kernel, threading.Lock()
        self.ends: dict[int, tuple[str, codecs.IncrementalDecoder]] = {}
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            read, write = os.pipe()
            os.set_blocking(read, False)
            os.dup2(write, descriptor)
            os.close(write)
            self.ends[read] = name, codecs.getincrementaldecoder("utf-8")(errors="replace")
        threading.Thread(target=self.work, daemon=True).start()

    def work(self) -> None:
        """Take what comes, so that nobody has to wait for room in a pipe."""
        while ready := select.select(list(self.ends), [], [])[0]:
            for end in ready:
                self.take(end)

    def take(self, end: int) -> None:
        """Take what one pipe has now."""
        name, decoder = self.ends[end]
        with self.lock, contextlib.suppress(BlockingIOError):
            while chunk := os.read(end, 1 << 16):
                self.kernel.put_text(name, decoder.decode(chunk))

    def drain(self) -> None:
        """Take what both have now: it belongs to the cell that has just ended."""
        for end in self.ends:
            self.take(end)
