"""The layers of pyproject.toml hold, and a planted violation of each kind breaks the build."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLANTED = {
    "upwards": ("bitgoeul/blobs.py", "from bitgoeul.exchange import store\n"),
    "upwards inside a function": ("bitgoeul/errors.py", "def f():\n    import bitgoeul.settings\n"),
    "between siblings": ("bitgoeul/people/planted.py", "import bitgoeul.grading.engine\n"),
    "lab knows the service": ("bitgoeul/lab/planted.py", "import bitgoeul.settings\n"),
    "lab imports a server framework": ("bitgoeul/lab/planted.py", "import fastapi\n"),
    "a module in no layer": ("bitgoeul/utils.py", ""),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    # The copy's package has to be found before the installed one.
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder), "PATH": ""}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    shutil.copytree(root / "bitgoeul", tmp_path / "bitgoeul", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_layers_hold(copy: Path) -> None:
    done = lint(copy)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_violation_breaks_the_build(copy: Path, kind: str) -> None:
    path, text = PLANTED[kind]
    target = copy / path
    target.write_text((target.read_text() if target.exists() else "") + text)

    done = lint(copy)

    assert done.returncode == 1, f"{kind} was let through:\n{done.stdout}"
    assert "BROKEN" in done.stdout
