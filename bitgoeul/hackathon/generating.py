"""Runs a challenge's `data.py` and `baseline.py`, each in a process of its own: the host's programs, with a time limit.

The secret seed goes in by standard input and stands in no argument, variable or file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitgoeul.errors import ChallengeError, Fault
from bitgoeul.hackathon.model import SPLITS, Challenge, Split

Table = dict[str, list[Any]]
MOST_TOLD = 300
_MAKE = """
import json, runpy, sys
asked = json.load(sys.stdin)
make = runpy.run_path(asked["path"])["make"]
def plain(value):
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and value != value else value
made = {}
for split, n in asked["sizes"].items():
    table = make(asked["seed"], n, split)
    made[split] = {str(name): [plain(value) for value in table[name]] for name in table}
json.dump(made, open(asked["to"], "w"), allow_nan=False)
"""
_PREDICT = """
import json, runpy, sys
import pandas as pd
asked = json.load(sys.stdin)
baselines = runpy.run_path(asked["path"])["BASELINES"]
if asked["name"] is None:
    json.dump(list(baselines), open(asked["to"], "w"))
else:
    train, test = (pd.read_csv(name, dtype={asked["id"]: str}) for name in ("train.csv", "test.csv"))
    baselines[asked["name"]](train, test).to_csv(asked["to"], index=False)
"""


@dataclass(frozen=True)
class Made:
    """A submission that a baseline made, and the seconds of processor time it took."""

    data: bytes
    cpu_seconds: float


def generate(challenge: Challenge, seed: int) -> dict[Split, Table]:
    """All three splits of one seed, as columns of plain values (None for missing)."""
    data = challenge.record.data
    sizes = {split: getattr(data, split) for split in SPLITS}
    asked = {"path": str(challenge.folder / "data.py"), "seed": seed, "sizes": sizes}
    made = json.loads(_run(_MAKE, asked, challenge.folder / "data.py", data.seconds, {}).data)
    for split, table in made.items():
        lengths = {len(column) for column in table.values()}
        if len(lengths) != 1:
            ko = f"make(..., {split!r})의 열들은 길이가 같아야 하는데 {sorted(lengths)}입니다."
            raise ChallengeError(
                [
                    Fault.of(
                        challenge.folder / "data.py",
                        1,
                        ko,
                        f"columns of {split!r} differ in length: {sorted(lengths)}.",
                    )
                ]
            )
    return {split: made[split] for split in SPLITS}


def baseline_names(challenge: Challenge) -> list[str]:
    """The baselines that `baseline.py` has."""
    path = challenge.folder / "baseline.py"
    asked = {"path": str(path), "name": None, "id": ""}
    found: list[str] = json.loads(_run(_PREDICT, asked, path, challenge.record.compute.baseline_seconds, {}).data)
    return found


def predict(challenge: Challenge, name: str, files: Mapping[str, bytes]) -> Made:
    """What one baseline predicts from the files that participants get."""
    path = challenge.folder / "baseline.py"
    asked = {"path": str(path), "name": name, "id": challenge.record.metric.id}
    return _run(_PREDICT, asked, path, challenge.record.compute.baseline_seconds, files)


def _run(program: str, asked: Mapping[str, Any], path: Path, seconds: int, files: Mapping[str, bytes]) -> Made:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        to = Path(folder) / ".made"
        began = time.monotonic()
        ticks = os.times()
        try:
            ended = subprocess.run(
                [sys.executable, "-I", "-c", program],
                input=json.dumps({**asked, "to": str(to)}).encode(),
                capture_output=True,
                cwd=folder,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                timeout=seconds,
                check=False,
            )
            told = ended.stderr.decode(errors="replace").strip()[-MOST_TOLD:]
        except subprocess.TimeoutExpired:
            told = f"more than {seconds} s"
        if not to.is_file():
            raise ChallengeError(
                [Fault.of(path, 1, f"실행이 끝나지 않았습니다: {told}", f"it did not run to its end: {told}")]
            )
        after = os.times()
        used = after.children_user + after.children_system - ticks.children_user - ticks.children_system
        return Made(to.read_bytes(), min(used, time.monotonic() - began))
