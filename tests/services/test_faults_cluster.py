"""F15, F16: workers, the scheduler and services are killed while a cluster judges; every submission gets one verdict."""

from __future__ import annotations

import hashlib
import random
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

from bitgoeul.app import open_pool
from bitgoeul.database import Database
from bitgoeul.errors import GradersAway, NoGpu, SandboxUnavailable
from bitgoeul.exchange import bundle
from bitgoeul.exchange import tables as t
from bitgoeul.grading import requests
from bitgoeul.grading.cluster import ClusterPool
from bitgoeul.grading.engine import Engine
from bitgoeul.grading.keys import ensure_cluster_keys
from bitgoeul.grading.requests import Request
from bitgoeul.settings import Grading, Settings
from bitgoeul.wire import Verdict, read
from tests.services import needs, postgres
from tests.services.exchange_load import IN, School, storm
from tests.services.exchange_service import Service, serving
from tests.services.grading_cluster import cluster
from tests.unit.grading import making

STUDENTS, WORKERS = 60, ("worker-1", "worker-2", "worker-3")
# Each at least so often, in an order and at instants that are drawn anew in every run.
VICTIMS = [*WORKERS, *WORKERS, "scheduler", "scheduler", "service", "service"]


def test_killing_workers_scheduler_and_service_leaves_one_verdict_for_each_submission(tmp_path, tell):
    school, folder = School(STUDENTS), tmp_path / "state"
    seed = random.randrange(10**6)
    draw, judged_before_the_end = random.Random(seed), []
    with cluster(tmp_path / "cluster") as graders:
        for name in WORKERS:
            graders.add_exec_worker(name, seconds=1.0)
        told = {"scheduler": graders.address, "keys": str(graders.keys.key.parent)}
        with serving(folder, school.hub, **told) as service:
            school.release(service)
            handing_in = threading.Thread(target=lambda: judged_before_the_end.append(_hand_in(service, school)))
            handing_in.start()
            for name in draw.sample(VICTIMS, len(VICTIMS)):
                time.sleep(draw.uniform(0.2, 1.2))
                victim = service if name == "service" else graders.members[name]
                victim.kill()
                time.sleep(draw.uniform(0.0, 0.5))
                victim.start()
            handing_in.join()
            began = time.monotonic()
            _wait_until_graded(service, school, graders)
            rest = time.monotonic() - began
            service.stop()
    tally = judged_before_the_end[0]
    verdicts = _verdicts(f"sqlite:///{folder / 'bitgoeul.sqlite'}")
    wrong = _mixed_up(folder, verdicts)
    attempts = max(attempt for _, attempt, _ in verdicts)
    tell(f"F15 kill -9 of workers x6, scheduler x2, service x2 (seed {seed}): {len(tally.receipts)} acknowledged, "
         f"{len(verdicts)} verdicts, at most {attempts} attempts, {rest:.1f} s to finish after the last kill")  # fmt: skip

    assert len(tally.receipts) == STUDENTS
    assert Counter(submission for submission, _, _ in verdicts) == Counter(range(1, STUDENTS + 1))
    assert wrong == []


def _hand_in(service, school):
    return storm(service, school, size=2_000, seconds=8, threads=12)


def _wait_until_graded(service, school, graders=None) -> None:
    give_up = time.monotonic() + 90
    while True:
        found = service.ask("GET", f"{IN}/progress", school.tokens["prof"]).json
        if found["queued"] + found["running"] == 0:
            return
        assert time.monotonic() < give_up, (found, service.log, graders and graders.logs)
        time.sleep(0.1)


def _verdicts(url: str) -> list[tuple[int, int, Verdict]]:
    """Every verdict there is: its submission, the attempt that gave it, and what it says."""
    database = Database(url)
    with database.reading() as connection:
        rows = connection.execute(t.verdicts.select()).all()
        current = dict(connection.execute(t.submission_states.select().with_only_columns(
            t.submission_states.c.submission, t.submission_states.c.verdict)).all())  # fmt: skip
    database.close()
    assert current == {row.submission: row.id for row in rows}
    return [(row.submission, row.attempt, read(Verdict, row.verdict)) for row in rows]


def _mixed_up(folder, verdicts) -> list[int]:
    """The submissions whose verdict was made from other bytes than their own."""
    database = Database(f"sqlite:///{folder / 'bitgoeul.sqlite'}")
    with database.reading() as connection:
        blobs = {row.sequence: row.sha256 for row in connection.execute(t.submissions.select())}
    database.close()
    wrong = []
    for submission, _, verdict in verdicts:
        with (folder / "blobs" / blobs[submission][:2] / blobs[submission]).open("rb") as file:
            data = bundle.read(file, bundle.scan(file, bundle.Limits(10, 10**6)))["data.bin"]
        if verdict.submission_sha256 != hashlib.sha256(data).hexdigest():
            wrong.append(submission)
    return wrong


def test_of_two_services_on_postgresql_one_finishes_what_the_killed_one_had(tmp_path, tell):
    needs.file(postgres.binary("initdb"), "postgresql")
    school, folder, students = School(24), tmp_path / "state", 24
    with postgres.server() as server:
        shared = {"database_url": server.url, "lease_seconds": 3.0, "judge_seconds": 0.5}
        with serving(folder, school.hub, **shared) as first:
            second = Service(folder, first.hub_api, **shared)
            second.start()
            try:
                school.release(first)
                tally = storm(second, school, size=2_000, seconds=0.5, threads=12)
                held = _both_busy(server.url)
                first.kill()
                _wait_until_graded(second, school)
            finally:
                second.stop()
        verdicts = _verdicts(server.url)
    tell(f"F16 one of two services killed with {held} jobs running: {len(tally.receipts)} acknowledged, "
         f"{len(verdicts)} verdicts, {sum(attempt > 1 for _, attempt, _ in verdicts)} taken over")  # fmt: skip

    assert Counter(submission for submission, _, _ in verdicts) == Counter(range(1, students + 1))
    assert max(attempt for _, attempt, _ in verdicts) == 2


def _both_busy(url: str) -> int:
    """Wait until more jobs run than one service alone has places for; their number."""
    database, give_up = Database(url), time.monotonic() + 30
    try:
        while True:
            with database.reading() as connection:
                found = len(connection.execute(t.jobs.select().where(t.jobs.c.state == "running")).all())
            if found > 2:
                return found
            assert time.monotonic() < give_up
            time.sleep(0.05)
    finally:
        database.close()


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A cluster as an operator starts it, with one worker and its real engine."""
    with cluster(tmp_path_factory.mktemp("cluster")) as graders:
        graders.add_worker("worker", "--threads", "1")
        pool = ClusterPool(graders.address, graders.keys)
        yield pool, graders
        pool.close()


def _judged(pool, graders, request, seconds=60):
    """The answer once the worker is there."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            return pool.submit(request).result(60)
        except GradersAway:
            assert time.monotonic() < give_up, graders.logs
            time.sleep(0.2)


REQUEST = Request(making.assignment(), making.as_bytes(making.submission()), {}, Grading(memory_mb=512), seed=5)


def test_a_worker_elsewhere_gives_the_verdict_that_this_machine_gives(real):
    there = _judged(*real, REQUEST)
    here = requests.judge(Engine(REQUEST.limits), REQUEST)

    assert there.verdict == here.verdict
    assert there.verdict.isolation == "namespaces"  # proved where it ran


def test_the_service_finds_the_cluster_by_its_settings(real):
    grading = Grading(scheduler=real[1].address, cluster_keys=real[1].keys.key.parent)
    pool = open_pool(Settings(grading=grading), Engine(grading))
    judged = _judged(pool, real[1], REQUEST)
    pool.close()

    assert judged.verdict.score == 3.0


@pytest.mark.parametrize(
    ("wish", "kind", "words"),
    [({"compute": "gpu"}, NoGpu, "GPU"), ({"limits": Grading(minimum_level="kernel")}, SandboxUnavailable, "kernel")],
)
def test_what_no_worker_can_take_waits_and_says_for_what(real, wish, kind, words):
    _judged(*real, REQUEST)
    with pytest.raises(kind) as told:
        real[0].submit(replace(REQUEST, **wish)).result(30)

    assert words in told.value.text.ko
    assert words in told.value.text.en


def test_a_busy_client_never_thinks_that_the_workers_are_gone(tmp_path):
    """It refreshes what it knows of the cluster every two seconds, beside those who ask."""
    with cluster(tmp_path / "cluster") as graders:
        graders.add_exec_worker("worker", threads=16, seconds=0.0)
        pool, until = ClusterPool(graders.address, graders.keys), time.monotonic() + 4
        _judged(pool, graders, REQUEST)
        while time.monotonic() < until:
            for one in [pool.submit(REQUEST) for _ in range(32)]:
                one.result(60)
        pool.close()


def test_a_service_with_another_certificate_judges_nothing(real, tmp_path, caplog):
    stranger = ClusterPool(real[1].address, ensure_cluster_keys(tmp_path / "others"))
    with pytest.raises(GradersAway):
        stranger.submit(REQUEST).result(60)
    stranger.close()

    assert "TLS certificate does not match" in caplog.text


@pytest.mark.parametrize("own", [False, True])
def test_the_scheduler_hangs_up_on_who_has_no_certificate_or_another(real, tmp_path, own):
    _judged(*real, REQUEST)
    context = ssl.create_default_context(cafile=str(real[1].keys.certificate))
    context.check_hostname = False
    if own:
        others = ensure_cluster_keys(tmp_path / "others")
        context.load_cert_chain(others.certificate, others.key)
    with (
        socket.create_connection(("127.0.0.1", real[1].port), timeout=20) as line,
        pytest.raises((ssl.SSLError, ConnectionError)) as told,
        context.wrap_socket(line) as secure,
    ):
        secure.recv(1)

    assert "alert" in str(told.value).lower() or isinstance(told.value, ConnectionError)
