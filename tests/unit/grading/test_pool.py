"""Requests and answers are plain bytes; a pool judges them, here or in a process of its own."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import GraderFailed, GradersAway, InputError, NoGpu, SandboxUnavailable
from bitgoeul.grading import launch, pool, requests
from bitgoeul.grading.alone import device_files
from bitgoeul.grading.engine import Judged
from bitgoeul.grading.keys import cluster_keys, ensure_cluster_keys
from bitgoeul.grading.pool import LocalPool, Station, alone, require_gpus
from bitgoeul.grading.requests import Request, answer, judged_from, unpack
from bitgoeul.settings import Grading
from bitgoeul.wire import CellVerdict, Verdict
from tests.unit.grading import making

JUDGED = Judged(
    Verdict(1.5, 2.0, ("odd",), {"가": CellVerdict(1.5, 2.0, "failed", "왜 / why", hidden=True)}), b"\x80\x04nb"
)
REQUEST = Request(b"source", b"sent", {"a/b.csv": b"1,2"}, Grading(memory_mb=512), b"def check(): ...", "01-x.py", 7)


class FakeEngine:
    """Notes what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.seen, self.text = error, [], b""

    def judge(self, source, submission, files, *, seed=0, checker: Path | None = None) -> Judged:
        self.seen.append((source, submission, dict(files), seed, checker and checker.name))
        self.text = checker.read_bytes() if checker else b""
        if self.error:
            raise self.error
        return JUDGED


@given(
    source=st.binary(max_size=50),
    files=st.dictionaries(st.text(max_size=20), st.binary(max_size=50), max_size=5),
    checker=st.binary(max_size=20),
    seed=st.integers(0, 2**60),
    compute=st.sampled_from(["cpu", "gpu"]),
    priority=st.sampled_from(["interactive", "batch"]),
)
def test_a_request_comes_through_bytes_unchanged(source, files, checker, seed, compute, priority):
    request = Request(source, b"x" + source, files, Grading(), checker, "c.py", seed, compute, priority)

    assert unpack(request.pack()) == request


@given(st.binary(max_size=200), st.integers(0, 400))
def test_bytes_that_are_no_request_or_answer_are_refused_with_a_sentence(data, cut):
    whole = REQUEST.pack()
    for bad in (data, whole[: cut % len(whole)], whole + b"x"):
        with pytest.raises(InputError):
            unpack(bad)
    with pytest.raises(InputError):
        judged_from(data)


def test_a_verdict_and_a_notebook_come_back_as_bytes_that_nobody_interprets():
    assert judged_from(answer(REQUEST.pack(), lambda _: JUDGED)) == JUDGED


@pytest.mark.parametrize("kind", [InputError, SandboxUnavailable, NoGpu, GradersAway])
def test_what_a_person_may_be_told_comes_back_as_what_it_was(kind):
    def judging(_request):
        raise kind(ko="가", en="a")

    with pytest.raises(kind) as told:
        judged_from(answer(REQUEST.pack(), judging))

    assert type(told.value) is kind
    assert (told.value.text.ko, told.value.text.en) == ("가", "a")


def test_a_defect_on_the_other_side_is_told_without_its_words(caplog):
    def judging(_request):
        raise RuntimeError("a secret path")

    with pytest.raises(GraderFailed) as told:
        judged_from(answer(REQUEST.pack(), judging))

    assert "secret" not in str(told.value)
    assert "secret" in caplog.text


def test_an_engine_gets_the_checker_as_a_file_of_its_name_and_it_is_gone_afterwards():
    engine = FakeEngine()
    local = LocalPool(engine, workers=1)
    judged = local.submit(REQUEST).result(10)
    local.close()

    assert judged == JUDGED
    assert engine.seen == [(b"source", b"sent", {"a/b.csv": b"1,2"}, 7, "01-x.py")]
    assert engine.text == b"def check(): ..."


def test_so_many_threads_judge_at_once_as_were_asked_for():
    meeting = threading.Barrier(2, timeout=20)

    class Together(FakeEngine):
        def judge(self, *args, **values):
            meeting.wait()
            return JUDGED

    local = LocalPool(Together(), workers=2)
    done = [local.submit(REQUEST) for _ in range(4)]

    assert [one.result(30) for one in done] == [JUDGED] * 4
    local.close()


def test_without_a_gpu_work_for_one_waits_with_a_sentence_in_both_languages():
    local = LocalPool(FakeEngine(), workers=1)
    with pytest.raises(NoGpu) as told:
        local.submit(replace(REQUEST, compute="gpu")).result(10)
    local.close()

    assert "GPU" in told.value.text.ko
    assert "GPU" in told.value.text.en
    assert isinstance(told.value, SandboxUnavailable)  # so the job waits


def test_each_gpu_judges_one_submission_at_a_time(monkeypatch):
    used, most, lock = [], [], threading.Lock()

    def judge(_request, device):
        with lock:
            used.append(device)
            most.append(len(used))
            assert used.count(device) == 1
        threading.Event().wait(0.02)
        with lock:
            used.remove(device)
        return JUDGED

    monkeypatch.setattr(pool, "alone", judge)
    station = Station(lambda _: FakeEngine(), gpus=2)
    threads = [threading.Thread(target=station, args=(replace(REQUEST, compute="gpu"),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert max(most) == 2
    assert len(most) == 8


def test_a_request_in_a_process_of_its_own_gets_the_same_verdict(engine):
    request = Request(making.assignment(), making.as_bytes(making.submission()), {}, engine.grading, seed=3)
    here = requests.judge(engine, request)

    assert alone(request, 0).verdict == here.verdict


def test_a_process_that_dies_is_a_defect_and_no_verdict(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(GraderFailed):
        alone(REQUEST, 0)


def test_a_job_on_a_gpu_is_shown_that_one_card_and_no_other(tmp_path, monkeypatch):
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    files = device_files(1, tmp_path)
    monkeypatch.setattr(launch, "GPU_FILES", files)
    command = " ".join(launch.prepare(control=3, info_descriptor=4).command)

    assert [path.name for path in files] == ["nvidia1", "nvidiactl", "nvidia-uvm"]
    assert all(f"--dev-bind {path} {path}" in command for path in files)
    assert "nvidia0" not in command


def test_more_gpus_than_there_are_is_told_at_the_start(tmp_path):
    (tmp_path / "nvidia0").touch()
    (tmp_path / "nvidiactl").touch()
    require_gpus(1, tmp_path)
    with pytest.raises(InputError) as told:
        require_gpus(2, tmp_path)

    assert "2" in told.value.text.ko


def test_the_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    with pytest.raises(InputError):
        cluster_keys(tmp_path / "keys")
    made = ensure_cluster_keys(tmp_path / "keys")
    before = made.key.read_bytes()

    assert ensure_cluster_keys(tmp_path / "keys") == cluster_keys(tmp_path / "keys") == made
    assert made.key.read_bytes() == before
    assert made.key.stat().st_mode & 0o777 == 0o600
