"""How many submissions a second a cluster judges with 1, 2 and 4 workers of one thread each: `python benchmarks/workers.py`.

Two kinds of work, through a real scheduler over TLS: a tiny notebook by the real engine, which is bound by this
machine's cores, and a judge that only waits 0.2 s, which shows what the cluster itself adds whatever the cores.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bitgoeul.errors import GradersAway
from bitgoeul.grading import requests
from bitgoeul.grading.cluster import ClusterPool, workers_of
from bitgoeul.grading.engine import Engine
from bitgoeul.grading.pool import LocalPool
from bitgoeul.grading.requests import Request
from bitgoeul.settings import Grading
from tests.services.grading_cluster import Cluster, cluster
from tests.unit.grading import making

COUNTS = (1, 2, 4)
WAIT = 0.2
REQUEST = Request(making.assignment(), making.as_bytes(making.submission()), {}, Grading(memory_mb=512))


@dataclass(frozen=True)
class Kind:
    """One kind of work: how a worker for it is started."""

    name: str
    real: bool

    def start(self, graders: Cluster, number: int) -> None:
        name = f"{'engine' if self.real else 'waiting'}-{number}"
        if self.real:
            graders.add_worker(name, "--threads", "1")
        else:
            graders.add_exec_worker(name, threads=1, seconds=WAIT)


KINDS = (Kind("engine, tiny notebook", True), Kind(f"waits {WAIT:g} s", False))


def rate(pool, submissions: int) -> float:
    """Submissions judged a second, all of them asked for at once."""
    began = time.perf_counter()
    for one in [pool.submit(REQUEST) for _ in range(submissions)]:
        one.result(600)
    return submissions / (time.perf_counter() - began)


def ready(pool, workers: int) -> None:
    """Wait for the workers, and let each judge once, so that its imports are done."""
    while True:
        try:
            pool.submit(REQUEST).result(60)
            if len(workers_of(pool._connected())) == workers:
                break
        except GradersAway:
            time.sleep(0.2)
    for one in [pool.submit(REQUEST) for _ in range(3 * workers)]:
        one.result(60)


def measure(kind: Kind, workers: int, submissions: int, repeats: int) -> float:
    """The median rate of a cluster of so many workers."""
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as graders:
        for number in range(workers):
            kind.start(graders, number)
        pool = ClusterPool(graders.address, graders.keys)
        ready(pool, workers)
        rates = sorted(rate(pool, submissions) for _ in range(repeats))
        pool.close()
    return rates[len(rates) // 2]


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--submissions", type=int, default=40)
    reading.add_argument("--repeats", type=int, default=3)
    asked = reading.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {asked.submissions} submissions, "
          f"median of {asked.repeats}")  # fmt: skip
    local = LocalPool(Engine(REQUEST.limits), workers=1)
    requests.judge(Engine(REQUEST.limits), REQUEST)
    print(f"{'threads of one process, 1':<28}{rate(local, asked.submissions):7.2f}/s")
    local.close()
    print(f"{'work':<28}{'workers':>8}{'per second':>12}{'ratio':>8}{'of ideal':>10}")
    for kind in KINDS:
        first = 0.0
        for workers in COUNTS:
            found = measure(kind, workers, asked.submissions, asked.repeats)
            first = first or found
            print(f"{kind.name:<28}{workers:>8}{found:>12.2f}{found / first:>8.2f}{found / first / workers:>9.0%}")


if __name__ == "__main__":
    main()
