"""What `make up` and `make test` install: the Makefile, the pins, the packages that are taken away again."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

OLDEST_PYTHON = "3.11.2"  # Debian 12's


def pins(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_every_pin_runs_on_the_oldest_python_that_we_promise(root: Path) -> None:
    too_new = []
    for name in pins(root):
        try:
            wanted = metadata(name).get("Requires-Python")
        except PackageNotFoundError:
            continue
        if wanted and not SpecifierSet(wanted).contains(OLDEST_PYTHON):
            too_new.append(f"{name}: {wanted}")

    assert not too_new


def test_pins_are_exact(root: Path) -> None:
    assert all(re.fullmatch(r"[\w.!+]+", version) for version in pins(root).values())
    assert pins(root)["torch"] == "2.13.0"


def test_importing_jsonschema_does_not_compile_parsers() -> None:
    """rfc3987-syntax costs every lab, Hub and grader more than a second of CPU; make takes it away."""
    assert importlib.util.find_spec("rfc3987_syntax") is None
    assert importlib.util.find_spec("lark") is None


def test_a_lab_starts_without_nbgrader_and_its_database() -> None:
    code = (
        "import sys, bitgoeul.lab.later; print([m for m in ('nbgrader', 'nbconvert', 'alembic') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"


def test_make_alone_prints_every_target_with_one_line(root: Path) -> None:
    told = subprocess.run(["make", "-C", str(root), "--no-print-directory"], capture_output=True, text=True, check=True)
    declared = re.findall(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.MULTILINE)[0].split()
    shown = re.findall(r"^  make ([a-z-]+) +\S", told.stdout, re.MULTILINE)

    assert set(shown) == set(declared) - {"install", "system-packages"}


@pytest.mark.parametrize("target", ["up", "test", "check", "doctor", "bench"])
def test_nothing_is_installed_twice_while_the_pins_stay(root: Path, tmp_path: Path, target: str) -> None:
    """The stamps are named by contents: with them in place, make has nothing to do but the command."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "package.json", "package-lock.json"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    wanted = subprocess.run(
        ["make", "-n", "-p", "help"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    stamps = re.findall(r"^(?:INSTALLED|TESTABLE|PROXY|PROVIDER) := (.*)$", wanted, re.MULTILINE)
    assert len(stamps) == 4
    for stamp in [".venv/bin/pip", *stamps]:
        (tmp_path / stamp).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / stamp).touch()
    planned = subprocess.run(["make", "-n", target], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert "pip install" not in planned
    assert "npm" not in planned
