"""nbgrader's own exchange tests, from its wheel and unpatched, against our classes and a real service."""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.services.nbgrader_exchange.academy import ROOT
from tests.services.nbgrader_exchange.table import CANNOT_APPLY, PASS

MODULES = sorted(PASS)
LOOKS_INTO_ROOT = "join(exchange"


def module(name: str) -> ModuleType:
    return importlib.import_module(f"nbgrader.tests.apps.test_nbgrader_{name}")


def named_tests(name: str) -> dict[str, str]:
    """The source of every test of a module, by its name."""
    classes = [
        kind for _, kind in inspect.getmembers(module(name), inspect.isclass) if kind.__name__.startswith("Test")
    ]
    found = {}
    for kind in classes:
        for test, function in inspect.getmembers(kind, inspect.isfunction):
            if test.startswith("test_"):
                found[test] = inspect.getsource(function)
    return found


@pytest.mark.parametrize("name", MODULES)
def test_the_table_names_every_test_of_nbgrader_once(name: str) -> None:
    assert sorted([*PASS[name], *CANNOT_APPLY[name]]) == sorted(named_tests(name))


@pytest.mark.parametrize("name", MODULES)
def test_only_tests_that_look_into_the_exchanges_folder_cannot_apply(name: str) -> None:
    """`test_list_cached` and its like look into `Exchange.cache`, which we have."""
    sources = named_tests(name)
    looking = {test for test in CANNOT_APPLY[name] if LOOKS_INTO_ROOT in sources[test]}

    assert looking == set(CANNOT_APPLY[name])
    assert all(CANNOT_APPLY[name].values())


@pytest.mark.parametrize("name", MODULES)
def test_nbgraders_own_tests_pass(name: str, tmp_path: Path) -> None:
    """Run in a process of their own: they change folders, the environment and nbgrader's singleton."""
    path = inspect.getsourcefile(module(name))
    kind = next(kind for kind in dir(module(name)) if kind.startswith("TestNb"))
    wanted = [f"{path}::{kind}::{test}" for test in PASS[name]]
    command = [sys.executable, "-m", "pytest", *wanted, "-p", "tests.services.nbgrader_exchange.plugin"]
    options = ["-p", "no:cacheprovider", "-q", "-W", "ignore", "-c", os.devnull, "--rootdir", str(tmp_path), "-rA"]
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }
    ran = subprocess.run(
        [*command, *options], cwd=tmp_path, env=environ, check=False, capture_output=True, text=True, timeout=280
    )
    passed = {line.split("::")[-1].split("[")[0] for line in ran.stdout.splitlines() if line.startswith("PASSED")}

    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert passed == set(PASS[name])
