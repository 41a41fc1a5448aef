"""The limit: the same cells by a bare `exec` in a warm interpreter, with no walls, no kernel and no outputs kept.

python -m judging.bare ASSIGNMENT REPETITIONS
"""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import sys
import time

from judging import courses

WARM_UP = 2


def once(cells: list[str]) -> tuple[float, float]:
    names: dict[str, object] = {"__name__": "__main__"}
    wall, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            exec(compile(cell, "cell", "exec"), names)  # noqa: S102 (the benchmark's own)
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    assignment = next(one for one in courses.ALL if one.name == sys.argv[1])
    taken = [once(assignment.plain()) for _ in range(WARM_UP + int(sys.argv[2]))][WARM_UP:]
    print(
        json.dumps({"one": statistics.median(w for w, _ in taken), "one_cpu": statistics.median(c for _, c in taken)})
    )


if __name__ == "__main__":
    main()
