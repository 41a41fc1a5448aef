"""A job's files are laid down on every Python that may judge, and a fault of ours is nobody's loss of points."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import launch, zygotes
from bitgoeul.grading.inside import laying
from bitgoeul.grading.running import Notebook, run_cells
from bitgoeul.grading.sandbox import Sandbox
from bitgoeul.settings import Grading

SMALL = Grading(memory_mb=256, disk_mb=16, max_files=300, processes=32, cell_seconds=10, total_seconds=20)
FILES = {"data/a.csv": b"1,2\n", "한글.txt": b"x", "empty": b""}
PROGRAM = f"""
import importlib.util, json, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("laying", {laying.__file__!r})
laying = importlib.util.module_from_spec(spec)
spec.loader.exec_module(laying)
print(json.dumps(laying.unpack(sys.stdin.buffer, Path(sys.argv[1]))))
"""
# Debian's own is the oldest that we promise (3.11.2), and `make lock` resolves for it; a server judges with it.
PYTHONS = sorted({sys.executable, *filter(None, [shutil.which("python3", path="/usr/bin")])})


def bundle() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w|") as tar:
        for name, content in {"job.json": b'{"kernel": "python3"}', **FILES}.items():
            member = tarfile.TarInfo(name if name == "job.json" else f"files/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


@pytest.mark.parametrize("python", PYTHONS)
def test_files_are_laid_down_by_every_python_that_may_judge(python: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [python, "-I", "-c", PROGRAM, str(tmp_path)], input=bundle(), capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == {"kernel": "python3"}
    found = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == FILES


def notebook(files: dict[str, bytes]) -> Notebook:
    return Notebook({0: "print(1)"}, files, "python3", 1, frozenset())


def test_where_laying_files_down_fails_by_our_fault_work_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = tmp_path / "inside"
    shutil.copytree(launch.INSIDE, changed)
    program = changed / "laying.py"
    program.write_text(
        program.read_text().replace(
            "            path = folder", "            raise TypeError('filter')\n            path = folder"
        )
    )
    monkeypatch.setattr(launch, "INSIDE", changed)
    warm = zygotes.Zygotes()
    try:
        with pytest.raises(SandboxUnavailable, match="TypeError: filter"):
            run_cells(Sandbox(SMALL, warm), notebook({"data.csv": b"1"}))
        assert run_cells(Sandbox(SMALL, warm), notebook({}))[0].status == "ok"
    finally:
        warm.close()


def test_files_that_cannot_be_laid_down_cost_their_owner_the_points() -> None:
    found = run_cells(Sandbox(SMALL), notebook({"a": b"1", "a/b": b"2"}))

    assert (found[0].status, found[0].why) == ("not_run", "process-ended")
