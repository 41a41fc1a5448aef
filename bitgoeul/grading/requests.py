"""What a judge is asked and what it answers, as plain bytes that may go to another process or machine.

A request is a head in JSON and the files behind it; an answer is a head in JSON and the notebook behind it. What a
student's code produced is carried as bytes and checked by `wire.read`: it is never unpickled, here or there.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from bitgoeul.errors import BitgoeulError, GraderFailed, GradersAway, InputError, NoGpu, SandboxUnavailable
from bitgoeul.grading.engine import Judged
from bitgoeul.settings import Grading
from bitgoeul.wire import Compute, Verdict, read, write

log = logging.getLogger(__name__)
Priority = Literal["interactive", "batch"]
_TOLD: tuple[type[BitgoeulError], ...] = (InputError, SandboxUnavailable, NoGpu, GradersAway)
_PREFIX = 8  # bytes that give the length of the head


class Judging(Protocol):
    """What is asked of an engine."""

    def judge(  # noqa: D102
        self,
        source: bytes,
        submission: bytes,
        files: Mapping[str, bytes],
        *,
        seed: int = 0,
        checker: Path | None = None,
    ) -> Judged: ...


@dataclass(frozen=True)
class Request:
    """One notebook to judge, with all that decides its verdict: the limits too, so that every machine gives the same.

    `checker` is the text of the program that judges from outside, and `checker_name` its file's name; empty for none.
    """

    source: bytes
    submission: bytes
    files: Mapping[str, bytes]
    limits: Grading = field(default_factory=Grading)
    checker: bytes = b""
    checker_name: str = ""
    seed: int = 0
    compute: Compute = "cpu"
    priority: Priority = "interactive"

    def pack(self) -> bytes:
        """Write it as bytes; the same request gives the same bytes."""
        files = {name: self.files[name] for name in sorted(self.files)}
        head = _Asked(
            sizes=(len(self.source), len(self.submission), len(self.checker)),
            files={name: len(data) for name, data in files.items()},
            limits=self.limits.model_dump_json(),
            checker_name=self.checker_name,
            seed=self.seed,
            compute=self.compute,
            priority=self.priority,
        )
        return _pack(write(head), self.source, self.submission, self.checker, *files.values())


@dataclass(frozen=True)
class _Asked:
    sizes: tuple[int, ...]
    files: dict[str, int]
    limits: str
    checker_name: str
    seed: int
    compute: Compute
    priority: Priority


@dataclass(frozen=True)
class _Answered:
    """A verdict, or why there is none."""

    verdict: Verdict | None = None
    code: str = ""
    ko: str = ""
    en: str = ""


def unpack(data: bytes) -> Request:
    """Read a request; raise `InputError` when the bytes are none."""
    head, rest = _parts(data)
    asked = read(_Asked, head)
    sizes = [*asked.sizes, *(asked.files[name] for name in sorted(asked.files))]
    if len(asked.sizes) != 3 or min(sizes) < 0 or sum(sizes) != len(rest):
        raise _broken()
    source, submission, checker, *files = _cut(rest, sizes)
    return Request(
        source,
        submission,
        files=dict(zip(sorted(asked.files), files, strict=True)),
        limits=Grading.model_validate_json(asked.limits),
        checker=checker,
        checker_name=asked.checker_name,
        seed=asked.seed,
        compute=asked.compute,
        priority=asked.priority,
    )


def _pack(head: bytes, *pieces: bytes) -> bytes:
    return b"".join((len(head).to_bytes(_PREFIX), head, *pieces))


def _parts(data: bytes) -> tuple[bytes, memoryview]:
    length = int.from_bytes(data[:_PREFIX])
    if len(data) < _PREFIX + length:
        raise _broken()
    return data[_PREFIX : _PREFIX + length], memoryview(data)[_PREFIX + length :]


def _cut(rest: memoryview, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield bytes(rest[at : at + size])
        at += size


def _broken() -> InputError:
    return InputError(
        ko="채점기끼리 주고받은 메시지가 끝까지 오지 않았습니다. 서비스와 채점기의 버전이 같은지 확인해 주십시오.",
        en="A message between service and grader did not come whole. See that both run the same version.",
    )


def judge(engine: Judging, request: Request) -> Judged:
    """Let an engine judge what a request asks."""
    with _checker_file(request) as checker:
        return engine.judge(request.source, request.submission, request.files, seed=request.seed, checker=checker)


@contextmanager
def _checker_file(request: Request) -> Iterator[Path | None]:
    """Lay the checker's text where its process can read it; the sandbox does not show this folder."""
    if not request.checker:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="bitgoeul-checker-") as folder:
        path = Path(folder) / Path(request.checker_name or "checker.py").name
        path.write_bytes(request.checker)
        yield path


def answer(data: bytes, judging: Callable[[Request], Judged]) -> bytes:
    """Judge what the bytes ask, and write down the verdict and the notebook, or why there is none."""
    try:
        judged = judging(unpack(data))
    except BitgoeulError as error:
        return _pack(write(_Answered(code=error.code, ko=error.text.ko, en=error.text.en)))
    except Exception:  # the edge of a worker: the other side is told that there was a defect, and no more
        log.exception("a grader failed")
        return _pack(write(_Answered(code="defect")))
    return _pack(write(_Answered(judged.verdict)), judged.notebook)


def judged_from(data: bytes) -> Judged:
    """Read an answer; raise what it tells."""
    head, notebook = _parts(data)
    answered = read(_Answered, head)
    if answered.verdict is not None:
        return Judged(answered.verdict, bytes(notebook))
    for kind in _TOLD:
        if kind.code == answered.code:
            raise kind(ko=answered.ko, en=answered.en)
    raise GraderFailed(
        ko=answered.ko
        or "채점 프로그램에 문제가 생겨 기록해 두었습니다. 제출물은 안전합니다. 강사가 다시 채점할 수 있습니다.",
        en=answered.en or "The grader failed and this was logged. The submission is safe; staff can grade it again.",
    )
