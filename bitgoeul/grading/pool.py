"""Where requests are judged: on threads of this machine, or (`cluster.ClusterPool`) on many machines.

Either form is an executor for one kind of work. Neither remembers anything: what has to be judged stands in the
database, so a pool that dies with everything in it loses nothing.
"""

from __future__ import annotations

import functools
import os
import queue
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from bitgoeul.errors import GraderFailed, InputError, NoGpu
from bitgoeul.grading import requests
from bitgoeul.grading.engine import Engine, Judged, require_level
from bitgoeul.grading.requests import Judging, Request
from bitgoeul.settings import Grading


class Pool(Protocol):
    """An executor that judges. A future raises what a person may be told; `SandboxUnavailable` means: wait."""

    def submit(self, request: Request) -> Future[Judged]: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Station:
    """This machine, for one request at a time of each thread that calls it.

    On CPUs an engine of this process judges. On a GPU a process of its own does: CUDA does not survive a fork, so
    no process that once used it may be the parent of a later submission's.
    """

    def __init__(self, engine_for: Callable[[Grading], Judging], *, gpus: int = 0) -> None:
        self._engine_for = engine_for
        self._gpus = gpus
        self._idle: queue.SimpleQueue[int] = queue.SimpleQueue()
        for device in range(gpus):
            self._idle.put(device)

    def __call__(self, request: Request) -> Judged:
        """Judge; raise `NoGpu` where a GPU is asked for and this machine lends none."""
        require_level(request.limits.minimum_level)
        if request.compute == "cpu":
            return requests.judge(self._engine_for(request.limits), request)
        if not self._gpus:
            raise no_gpu()
        device = self._idle.get()
        try:
            return alone(request, device)
        finally:
            self._idle.put(device)


def whole_machine(*, threads: int, gpus: int) -> tuple[Station, int]:
    """Give a station for all of this machine, and how many requests it takes at once; 0 threads: as many as cores.

    Raises `InputError` where there are fewer GPUs. Requests bring their limits, so there is an engine for each of those.
    """
    require_gpus(gpus)
    places = threads or os.cpu_count() or 1

    @functools.lru_cache(maxsize=4)  # more than one only while a service's limits change
    def engine_for(limits: Grading) -> Judging:
        return Engine(limits.model_copy(update={"workers": places}))

    return Station(engine_for, gpus=gpus), places + gpus


class LocalPool:
    """Threads of this process; each drives one sandbox."""

    def __init__(self, engine: Judging, *, workers: int = 0, gpus: int = 0) -> None:
        self._station = Station(lambda _limits: engine, gpus=gpus)
        self._threads = ThreadPoolExecutor((workers or os.cpu_count() or 1) + max(gpus, 1), "judge")

    def submit(self, request: Request) -> Future[Judged]:
        """Judge it when a thread is free."""
        return self._threads.submit(self._station, request)

    def close(self) -> None:
        """Begin nothing more; what runs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def alone(request: Request, device: int) -> Judged:
    """Judge in a new process that sees one GPU."""
    command = [sys.executable, "-m", "bitgoeul.grading.alone", str(device)]
    done = subprocess.run(command, input=request.pack(), stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise GraderFailed(
            ko=f"GPU 채점 프로세스가 종료 코드 {done.returncode}로 끝났습니다. 기록을 보십시오. 제출물은 안전합니다.",
            en=f"The process that judges on a GPU ended with exit code {done.returncode}. See the log; the submission is safe.",
        )
    return requests.judged_from(done.stdout)


def require_gpus(wanted: int, folder: Path = Path("/dev")) -> None:
    """Raise `InputError` when this machine has fewer NVIDIA GPUs than were asked for."""
    found = len(list(folder.glob("nvidia[0-9]*")))
    if wanted > found:
        raise InputError(
            ko=f"GPU {wanted}개로 채점하라고 했는데 이 컴퓨터에서 찾은 것은 {found}개입니다. 수를 줄이거나 NVIDIA 드라이버를 설치해 주십시오.",
            en=f"{wanted} GPU(s) were to judge, and this machine shows {found}. Ask for fewer, or install NVIDIA's driver.",
        )


def no_gpu() -> NoGpu:
    """The one sentence for work that waits for a GPU."""
    return NoGpu(
        ko="이 과제는 GPU에서 채점하는데 지금 GPU를 쓸 수 있는 채점기가 없습니다. 제출물은 안전하고, GPU 채점기가 연결되면 저절로 채점됩니다.",
        en="This assignment is judged on a GPU, and no grader with a GPU is there now. The submission is safe and is judged by itself as soon as one is.",
    )
