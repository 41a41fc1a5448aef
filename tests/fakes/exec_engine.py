"""An engine that judges with `exec_judge` after a while, and tells whose files it saw.

As a program (`python -m tests.fakes.exec_engine SCHEDULER KEYS THREADS SECONDS`) it is a real worker of a real
cluster that judges so: hundreds of verdicts a minute on a busy machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bitgoeul.grading.engine import Judged
from tests.fakes import exec_judge


@dataclass(frozen=True)
class ExecEngine:
    """`submission_sha256` of its verdicts is that of `data.bin`, so that a mix-up would show."""

    seconds: float = 0.0

    def judge(
        self,
        source: bytes,
        submission: bytes,
        files: Mapping[str, bytes],
        *,
        seed: int = 0,
        checker: Path | None = None,
    ) -> Judged:
        time.sleep(self.seconds)
        verdict = exec_judge.judge(source, submission, dict(files))
        seen = hashlib.sha256(files.get("data.bin", b"")).hexdigest()
        return Judged(replace(verdict, submission_sha256=seen, seed=seed), submission)


def main() -> None:
    from bitgoeul.grading import cluster
    from bitgoeul.grading.keys import cluster_keys
    from bitgoeul.grading.pool import Station

    address, keys, threads, seconds = sys.argv[1:]
    station = Station(lambda _limits: ExecEngine(float(seconds)))
    found = cluster_keys(Path(keys))
    asyncio.run(cluster.work(address, found, station=station, threads=int(threads), level="namespaces"))


if __name__ == "__main__":
    main()
