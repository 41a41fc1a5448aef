"""A judge behind a socket answers as one beside us does; what is lost on the way waits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bitgoeul.errors import GradersAway, InputError, SandboxUnavailable
from bitgoeul.grading import box, enclosure
from bitgoeul.grading.box import Box, BoxPool
from bitgoeul.grading.engine import Engine, Judged
from bitgoeul.grading.pool import Station
from bitgoeul.grading.requests import Request
from bitgoeul.settings import Grading
from tests.unit.grading import making

REQUEST = Request(making.assignment(), making.as_bytes(making.submission()), {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "judge.sock"


@pytest.fixture
def pool(path: Path) -> Iterator[BoxPool]:
    judge = Box(path, Station(lambda limits: Engine(limits)), 2)
    threading.Thread(target=judge.serve, daemon=True).start()
    pool = BoxPool(path, workers=2)
    yield pool
    pool.close()
    judge.close()


def test_a_verdict_comes_through_the_socket(pool: BoxPool) -> None:
    judged = pool.submit(REQUEST).result(120)

    assert judged.verdict.score == 3.0
    assert b"nbformat" in judged.notebook


def test_what_the_judge_tells_is_raised_here(pool: BoxPool) -> None:
    broken, strict = replace(REQUEST, submission=b"no notebook"), Grading(minimum_level="kernel")

    with pytest.raises(InputError):
        pool.submit(broken).result(120)
    with pytest.raises(SandboxUnavailable, match="kernel"):
        pool.submit(replace(REQUEST, limits=strict)).result(120)


def test_only_the_owner_may_open_the_socket(pool: BoxPool, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_nobody_listens_work_waits(path: Path) -> None:
    with pytest.raises(GradersAway, match=r"judge\.sock"):
        BoxPool(path).submit(REQUEST).result(20)


def test_a_judge_that_ends_in_the_middle_loses_nothing(path: Path) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(request: Request) -> Judged:
        begun.set()
        go.wait(20)
        raise AssertionError

    judge = Box(path, slow, 1)
    threading.Thread(target=judge.serve, daemon=True).start()
    pool = BoxPool(path)
    waiting = pool.submit(REQUEST)
    assert begun.wait(20)
    pool.close()

    with pytest.raises(GradersAway):
        waiting.result(20)
    go.set()
    judge.close()


@pytest.mark.parametrize("sent", [b"", b"\0" * 4, (10).to_bytes(8) + b"short", (1 << 60).to_bytes(8), b"rubbish" * 99])
def test_rubbish_on_the_line_costs_the_next_nothing(pool: BoxPool, path: Path, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        line.sendall(sent)

    assert pool.submit(REQUEST).result(120).verdict.score == 3.0


def test_a_length_that_nobody_sends_is_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall((box.MOST_BYTES + 1).to_bytes(8))
        with pytest.raises(ConnectionError):
            box.receive(ours)


def test_a_name_that_is_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="107"):
        Box(tmp_path / ("x" * 200), lambda request: Judged(None, b""), 1)  # type: ignore[arg-type]


STATUS = "Uid:\t1000\t1000\t1000\t1000\nCapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapBnd:\t0\nCapAmb:\t0\nNoNewPrivs:\t1\nSeccomp:\t2\n"
CARDS = "Inter-|   Receive\n face |bytes\n    lo: 0 0\n"


@pytest.mark.parametrize(
    ("old", "new", "wall"),
    [
        ("Uid:\t1000", "Uid:\t0", "Uid"),
        ("CapEff:\t0", "CapEff:\t00000000a80425fb", "CapEff"),
        ("CapBnd:\t0", "CapBnd:\t1", "CapBnd"),
        ("NoNewPrivs:\t1", "NoNewPrivs:\t0", "NoNewPrivs"),
        ("Seccomp:\t2", "Seccomp:\t0", "Seccomp"),
        ("    lo: 0 0\n", "    lo: 0 0\n  eth0: 1 1\n", "network"),
        ("Seccomp:\t2", "", "Seccomp"),
    ],
)
def test_each_wall_that_is_missing_is_named(tmp_path: Path, old: str, new: str, wall: str) -> None:
    (tmp_path / "self/net").mkdir(parents=True)
    (tmp_path / "self/status").write_text(STATUS)
    (tmp_path / "self/net/dev").write_text(CARDS)
    whole = set(enclosure.openings(tmp_path, tmp_path))
    (tmp_path / "self/status").write_text(STATUS.replace(old, new))
    (tmp_path / "self/net/dev").write_text(CARDS.replace(old, new))

    assert whole == {"root"}
    assert set(enclosure.openings(tmp_path, tmp_path)) == {"root", wall}


def test_an_engines_socket_is_an_opening(tmp_path: Path) -> None:
    (tmp_path / "self/net").mkdir(parents=True)
    (tmp_path / "self/status").write_text(STATUS)
    (tmp_path / "self/net/dev").write_text(CARDS)
    (tmp_path / "run").mkdir()
    (tmp_path / "run/docker.sock").touch()

    assert enclosure.openings(tmp_path, tmp_path)["engine"] == "/run/docker.sock"
