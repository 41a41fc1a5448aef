"""How fast notebooks are judged: ours beside stock nbgrader, otter-grader, and a bare `exec` of the same cells.

Three assignments with forty mixed submissions each (benchmarks/judging/courses.py). The contenders run one after the
other, each in a process of its own; nothing else should run meanwhile. CPU seconds stand beside wall times, since they
depend less on what else the machine does. All numeric libraries use one thread: that is quicker here for stock, too.

    python benchmarks/grade.py [--quick] [--ours] [--only plain,data] [--json FILE] [--table FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from judging import courses, report

ROOT = Path(__file__).resolve().parent.parent
OTTER = ROOT / ".cache" / "otter"
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"}


def contender(name: str, *words: object) -> dict:
    """Run one contender and give what it measured."""
    environ = os.environ | ENVIRONMENT | {"PYTHONPATH": str(ROOT / "benchmarks"), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", f"judging.{name}", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} {words}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def machine() -> dict:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "cores": os.cpu_count(),
        "model": model,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def measure(name: str, *, quick: bool, ours_only: bool) -> dict:
    """All contenders on one assignment. `load` is the machine's before each: 1 means one other busy core."""
    torch = name == "torch"
    few, some = (1, 3) if quick else (3 if torch else 5, 7)
    steps = [("bare", "bare", (some,)), ("ours", "ours", (few,)), ("phases", "ours", (10, "--phases"))]
    if not ours_only:
        steps += [
            ("stock", "stock", (some, *(["--no-batch"] if quick else []))),
            ("otter", "otter", (1 if quick else 3, OTTER)),
        ]
    found = {}
    for key, module, words in steps:
        print(f"{name}: {key} ...", file=sys.stderr, flush=True)
        load = os.getloadavg()[0]
        found[key] = {**contender(module, name, *words), "load": round(load, 2)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and stock without its batches")
    parser.add_argument("--ours", action="store_true", help="ours and the bare run alone")
    parser.add_argument("--only", default="", help="assignments, with commas between them")
    parser.add_argument("--json", type=Path, help="write all results there")
    parser.add_argument("--table", type=Path, help="write the tables there, too")
    asked = parser.parse_args()
    names = [one.name for one in courses.ALL if not asked.only or one.name in asked.only.split(",")]
    results = {"machine": machine()}
    for name in names:
        results[name] = measure(name, quick=asked.quick, ours_only=asked.ours)
        if asked.json:
            asked.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    text = report.tables(results)
    print(text)
    if asked.table:
        asked.table.write_text(text)


if __name__ == "__main__":
    main()
