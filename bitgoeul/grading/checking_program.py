"""The program that runs a checker: trusted, in a process of its own, with one line to the sandbox.

What it has to know comes as one line of JSON on standard input: the secret seed is in no argument, variable or
file. What each block found is told at once on standard output, a line of JSON each.
"""

from __future__ import annotations

import json
import os
import resource
import runpy
import socket
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn

from bitgoeul.errors import Text
from bitgoeul.grading.checking_student import AskedOutside, Line, Lost, NoAnswer, Student, StudentRaised
from bitgoeul.grading.inside.codec import NotPlain

Say = Callable[..., None]


class Over(BaseException):
    """Nothing more can be asked; no checker catches this by accident."""


class Block:
    """One `with points(...)`: what happens inside decides about its points."""

    def __init__(self, points: Points, site: int, grade_id: str, message: Text) -> None:
        self.points, self.site, self.grade_id, self.message = points, site, grade_id, message
        self.skipped = site in points.skip

    def __enter__(self) -> Block:
        student = self.points.student
        try:
            student.begin(f"{self.grade_id}:{self.site}", known=self.skipped)
        except Lost as lost:
            self._lost(lost)
        except NoAnswer as error:
            self.tell("timeout", why=error.why)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, AskedOutside | KeyboardInterrupt | SystemExit | Over):
            return False
        if isinstance(error, Lost):
            self._lost(error)
        self._judge(error)
        try:
            self.points.student.end()
        except Lost:
            self.points.over("lost")
        except NoAnswer:
            pass
        return True

    def _judge(self, error: BaseException | None) -> None:
        if error is None:
            self.tell("passed")
        elif isinstance(error, AssertionError):
            said = error.args[0] if error.args else None
            self.message = _text(said) or self.message
            self.tell("failed", name="AssertionError")
        elif isinstance(error, StudentRaised):
            ended = "SystemExit" in error.names
            self.tell("killed" if ended else "error", name=error.names[0], why="process-ended" if ended else "")
        elif isinstance(error, NoAnswer):
            self.tell("killed" if error.why == "process-ended" else "timeout", why=error.why)
        elif isinstance(error, NotPlain):
            self.tell("error", name="InvalidAnswer", why="not-plain")
        elif not self.skipped:  # the checker tripped over the answer, or is wrong itself: a person has to look
            traceback.print_exception(error)
            self.tell("error", name=type(error).__name__, why="checker")

    def _lost(self, lost: Lost) -> NoReturn:
        self.tell("killed" if lost.why == "process-ended" else "timeout", why=lost.why)
        self.points.over("lost")

    def tell(self, outcome: str, *, name: str = "", why: str = "") -> None:
        """Tell what this block found; nothing of one that was known before."""
        if not self.skipped:
            ko, en = self.message.ko, self.message.en
            self.points.say(site=self.site, outcome=outcome, name=name, why=why, ko=ko, en=en)


class Points:
    """What a checker's `points` is."""

    def __init__(
        self, student: Student, say: Say, sites: list[tuple[str, int, int]], skip: set[int], path: str
    ) -> None:
        self.student, self.say, self.sites, self.skip, self.path = student, say, sites, skip, path
        self.begun: set[int] = set()

    def __call__(self, grade_id: str, message: dict[str, str] | Text, weight: float = 1.0) -> Block:
        """Begin a block for the points of the cell `grade_id`; blocks of one cell share them by their weights.

        `message` is what the student reads when the block fails, in both languages. An `assert` may say more
        precisely what is wrong: `assert found, {"ko": ..., "en": ...}`.
        """
        frame = sys._getframe(1)
        text = _text(message)
        if text is None:
            raise TypeError(f'points("{grade_id}"): message={{"ko": ..., "en": ...}} is wanted')
        for site, (name, first, last) in enumerate(self.sites):
            if name == grade_id and first <= frame.f_lineno <= last and frame.f_code.co_filename == self.path:
                if site in self.begun:  # else a block might count that was cut off after its first turn
                    raise ValueError(f"points({grade_id!r}): a block runs once; write the loop inside it")
                self.begun.add(site)
                return Block(self, site, grade_id, text)
        raise ValueError(f"points: {grade_id!r} has to be written as a plain string in the checker's own file")

    def over(self, how: str) -> NoReturn:
        """End this attempt."""
        self.say(over=how)
        raise Over


def _text(said: Any) -> Text | None:
    if isinstance(said, Text):
        return said
    if isinstance(said, dict) and isinstance(said.get("ko"), str) and isinstance(said.get("en"), str):
        return Text(said["ko"], said["en"])
    return None


def _speaker() -> Say:
    """Standard output is ours alone; what a checker prints goes to standard error."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(**message: object) -> None:
        own.write(json.dumps(message) + "\n")
        own.flush()

    return say


def main() -> None:
    """Load the checker while the notebook runs, then let it ask."""
    say = _speaker()
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_DATA, (told["memory"], told["memory"]))
    line = Line(socket.socket(fileno=int(sys.argv[1])), told["call_seconds"])
    check = runpy.run_path(told["path"], run_name="checker").get("check")
    if not callable(check):
        raise TypeError("a checker has a function check(student, points)")
    student = Student(line, told["seed"], say)
    points = Points(student, say, told["sites"], set(told["skip"]), told["path"])
    try:
        try:
            line.wait()
        except Lost as lost:
            points.over("silent" if lost.why == "silent" else "never")
        line.until = time.monotonic() + told["seconds"]
        check(student, points)
        points.over("done")
    except Over:
        line.socket.close()


if __name__ == "__main__":
    main()
