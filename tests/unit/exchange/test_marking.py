"""The queue of graders: at least once run, exactly once in effect, whoever dies when."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from bitgoeul.errors import GradersAway, InputError, NoGpu, NotFound, SandboxUnavailable, Text
from bitgoeul.exchange import jobs, marking, store
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.marking import Judges
from bitgoeul.exchange.rules import LEASE, SOON
from bitgoeul.names import AssignmentName, CourseName
from bitgoeul.wire import CellVerdict, Verdict
from tests.services.exchange_load import ASSIGNMENT, COURSE, NOTEBOOK, STAFF, local_exchange, student, take, work_of

VERDICT = Verdict(1.0, 2.0, cells={"a": CellVerdict(1.0, 2.0, "failed")})
PLACE = (CourseName(COURSE), AssignmentName(ASSIGNMENT))


class Judge:
    """A judge that notes whom it judged, and may raise, wait or answer as told."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.newest: list[bool] = []
        self.levels: list[str] = []
        self.error: Exception | None = None
        self.go = threading.Event()
        self.go.set()
        self.verdict = VERDICT

    def mark(self, task):
        self.seen.append(task.submission.user)
        self.newest.append(task.newest)
        self.levels.append(task.minimum_level)
        self.go.wait(60)
        if self.error:
            raise self.error
        return self.verdict

    @property
    def judges(self) -> Judges:
        return Judges(
            mark=self.mark,
            feedback=lambda task: {"a.html": b"<p>x</p>"},
            sanitise=lambda page: page,
            execute=lambda course, notebook, files: notebook,
        )


@pytest.fixture
def judge():
    return Judge()


@pytest.fixture
def exchange(tmp_path, judge):
    with local_exchange(tmp_path / "state", judges=judge.judges) as exchange:
        yield exchange


def claim(exchange, now=None):
    return exchange.writer.run(lambda connection: jobs.claim(connection, now or exchange.clock.now()))


def finish(exchange, leased, verdict=VERDICT):
    now = exchange.clock.now()
    return exchange.writer.run(lambda connection: jobs.end_with_verdict(connection, leased, verdict, now))


def verdicts(exchange):
    with exchange.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(t.verdicts)).scalar_one()


def state(exchange, user="kim"):
    return [row.state for row in exchange.submissions_for(student(user), PLACE[0])]


def until(condition, seconds=60.0):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_verdict_comes_only_from_the_newest_attempt(exchange):
    take(exchange, "kim", work_of(10, 1))
    first = claim(exchange)
    second = claim(exchange, exchange.clock.now() + LEASE + timedelta(seconds=1))

    assert first.id == second.id
    assert second.attempt == first.attempt + 1
    assert finish(exchange, first) is False
    assert verdicts(exchange) == 0
    assert finish(exchange, second) is True
    assert finish(exchange, second) is False
    assert verdicts(exchange) == 1


def test_a_leased_job_is_nobody_elses(exchange):
    take(exchange, "kim", work_of(10, 1))

    assert claim(exchange) is not None
    assert claim(exchange) is None


def test_one_students_submissions_to_an_assignment_are_graded_one_after_the_other(exchange):
    for seed in range(3):
        take(exchange, "kim", work_of(10, seed))
    take(exchange, "lee", work_of(10, 9))
    first, other = claim(exchange), claim(exchange)

    assert (first.submission, other.submission) == (1, 4)
    assert claim(exchange) is None
    finish(exchange, first)
    assert claim(exchange).submission == 2


def test_a_student_who_waits_comes_before_a_batch(exchange):
    for user in ("kim", "lee"):
        take(exchange, user, work_of(10, len(user)))
    for _ in range(2):
        finish(exchange, claim(exchange))
    exchange.grade(STAFF, *PLACE)
    take(exchange, "park", work_of(10, 5))

    assert claim(exchange).submission == 3


def test_grading_again_is_not_queued_twice(exchange):
    take(exchange, "kim", work_of(10, 1))
    finish(exchange, claim(exchange))

    assert exchange.grade(STAFF, *PLACE)[1] == 1
    assert exchange.grade(STAFF, *PLACE)[1] == 0


def test_a_lease_that_is_renewed_is_not_lost(exchange):
    take(exchange, "kim", work_of(10, 1))
    leased = claim(exchange)
    later = exchange.clock.now() + LEASE
    exchange.writer.run(lambda connection: jobs.renew(connection, leased, later))

    assert claim(exchange, later + timedelta(seconds=1)) is None
    assert finish(exchange, leased) is True


def test_a_service_that_died_with_jobs_running_does_them_at_once_when_it_is_back(tmp_path, judge):
    with local_exchange(tmp_path / "state", judges=judge.judges) as first:
        take(first, "kim", work_of(10, 1))
        dead = claim(first)
    with local_exchange(tmp_path / "state", judges=judge.judges) as second:
        second.start()
        until(lambda: state(second) == ["graded"])

        assert finish(second, dead) is False
        assert verdicts(second) == 1


def test_workers_grade_what_comes_and_say_so(exchange, judge):
    exchange.start()
    judge.go.clear()
    take(exchange, "kim", work_of(10, 1))
    exchange.marking.ring()
    until(lambda: state(exchange) == ["grading"])
    judge.go.set()
    until(lambda: state(exchange) == ["graded"])

    assert judge.seen == ["kim"]
    assert exchange.progress(STAFF, *PLACE).done == 1


def test_only_the_newest_submission_is_called_so(exchange, judge):
    for seed in range(2):
        take(exchange, "kim", work_of(10, seed))
    exchange.start()
    until(lambda: state(exchange) == ["graded", "graded"])

    assert judge.newest == [False, True]


def test_unusable_work_fails_with_its_sentence_and_is_not_tried_again(exchange, judge):
    judge.error = InputError(ko="노트북을 읽을 수 없습니다.", en="The notebook cannot be read.")
    submission = take(exchange, "kim", work_of(10, 1)).receipt
    exchange.start()
    until(lambda: state(exchange) == ["failed"])
    with exchange.database.reading() as connection:
        problem = jobs.problem_of(connection, submission.sequence)

    assert problem == {"code": "bad-input", "ko": "노트북을 읽을 수 없습니다.", "en": "The notebook cannot be read."}
    assert judge.seen == ["kim"]


def test_without_a_sandbox_work_waits_and_nothing_counts_against_it(exchange, judge):
    judge.error = SandboxUnavailable(ko="샌드박스가 없습니다.", en="There is no sandbox.")
    take(exchange, "kim", work_of(10, 1))
    exchange.start()
    until(lambda: judge.seen == ["kim"])
    until(lambda: exchange.progress(STAFF, *PLACE).queued == 1)
    leased = claim(exchange, exchange.clock.now() + 2 * LEASE)

    assert finish(exchange, leased) is True


def test_what_a_submission_waits_for_is_told_while_it_waits_and_no_longer(exchange, judge):
    judge.error = NoGpu(ko="GPU 채점기가 없습니다.", en="No grader has a GPU.")
    submission = take(exchange, "kim", work_of(10, 1)).receipt
    exchange.start()
    until(lambda: judge.seen == ["kim"])
    until(lambda: exchange.progress(STAFF, *PLACE).queued == 1)
    with pytest.raises(NotFound) as told:
        exchange.result_for(student("kim"), submission.id)
    leased = claim(exchange, exchange.clock.now() + 2 * LEASE)
    finish(exchange, leased)
    with exchange.database.reading() as connection:
        afterwards = jobs.problem_of(connection, submission.sequence)

    assert told.value.text.ko == "GPU 채점기가 없습니다."
    assert afterwards is None


def test_an_assignment_released_for_gpus_is_taken_by_those_who_have_one(exchange):
    described = SimpleNamespace(title=Text("심층", "Deep"), results="now", due=None, compute="gpu", minimum_level=None)
    built = SimpleNamespace(**{part: {"ko": {"regression.ipynb": NOTEBOOK}} for part in ("release", "source")})
    exchange.release_from_built(STAFF.user, *PLACE, described, built)
    take(exchange, "kim", work_of(10, 1))
    now = exchange.clock.now()

    assert claim(exchange) is None
    assert exchange.writer.run(lambda connection: jobs.claim(connection, now, "gpu")).compute == "gpu"


@pytest.mark.parametrize(("asked", "level"), [(None, ""), ("container", "container")])
def test_a_judge_hears_of_the_level_that_the_assignment_asks_for(exchange, judge, asked, level):
    described = SimpleNamespace(title=Text("시험", "Exam"), results="now", due=None, compute="cpu", minimum_level=asked)
    built = SimpleNamespace(**{part: {"ko": {"regression.ipynb": NOTEBOOK}} for part in ("release", "source")})
    exchange.release_from_built(STAFF.user, *PLACE, described, built)
    take(exchange, "kim", work_of(10, 1))
    exchange.start()
    until(lambda: judge.seen == ["kim"])

    assert judge.levels == [level]


def test_graders_that_are_away_for_a_moment_are_asked_again_soon(exchange, judge):
    judge.error = GradersAway(ko="연결이 끊겼습니다.", en="The connection broke.")
    take(exchange, "kim", work_of(10, 1))
    exchange.start()
    until(lambda: judge.seen == ["kim"])
    judge.error = None
    until(lambda: state(exchange) == ["graded"], seconds=15)

    assert SOON < LEASE / 10


def test_a_defect_in_the_judge_leaves_the_worker_alive(exchange, judge, caplog):
    judge.error = RuntimeError("a defect")
    take(exchange, "kim", work_of(10, 1))
    exchange.start()
    until(lambda: judge.seen == ["kim"])
    judge.error = None
    take(exchange, "lee", work_of(10, 2))
    exchange.marking.ring()
    until(lambda: state(exchange, "lee") == ["graded"])
    until(lambda: state(exchange) == ["graded"])

    assert judge.seen.count("kim") == 2
    assert "a defect" in caplog.text


def test_a_verdict_with_a_manual_cell_waits_for_a_person_until_feedback_is_released(exchange, judge):
    judge.verdict = Verdict(0.0, 5.0, cells={"why": CellVerdict(0.0, 5.0, "manual")})
    take(exchange, "kim", work_of(10, 1))
    exchange.start()
    until(lambda: state(exchange) == ["needs-manual"])
    batch, queued = exchange.release_feedback(STAFF, *PLACE)
    until(lambda: exchange.progress(STAFF, *PLACE, batch=batch).done == queued == 1)

    assert state(exchange) == ["graded"]
    assert exchange.submissions_for(student("kim"), PLACE[0])[0].feedback_at is not None


def test_hidden_results_are_shown_when_staff_release_them(tmp_path, judge):
    judge.verdict = Verdict(3.0, 4.0, cells={"h": CellVerdict(3.0, 4.0, "failed", "secret", hidden=True)})
    with local_exchange(tmp_path / "state", judges=judge.judges) as exchange:
        exchange.writer.run(lambda c: c.execute(t.assignment_states.update().values(results="on-release")))
        submission = take(exchange, "kim", work_of(10, 1)).receipt.id
        exchange.start()
        until(lambda: state(exchange) == ["graded"])
        before = exchange.result_for(student("kim"), submission)
        staff = exchange.result_for(STAFF, submission)
        exchange.release_results(STAFF, *PLACE)
        after = exchange.result_for(student("kim"), submission)

    assert before.score == 0.0
    assert "secret" not in str(before)
    assert staff == after == judge.verdict


def test_every_change_by_staff_is_in_the_audit(exchange):
    exchange.set_due(STAFF, *PLACE, exchange.clock.now())
    exchange.set_extension(STAFF, *PLACE, student("kim").user, exchange.clock.now())
    exchange.withdraw(STAFF, *PLACE)
    with exchange.database.reading() as connection:
        found = connection.execute(select(t.audit.c.actor, t.audit.c.action).order_by(t.audit.c.id)).all()

    assert [tuple(row) for row in found] == [("prof", action) for action in ("release", "due", "extension", "withdraw")]


def test_collecting_brings_everything_since_the_last_time(exchange):
    take(exchange, "kim", work_of(10, 1))
    first = [row.sequence for row in exchange.collect(STAFF, *PLACE)]
    for seed in (2, 3):
        take(exchange, "lee", work_of(10, seed))
    second = [row.sequence for row in exchange.collect(STAFF, *PLACE)]

    assert (first, second, exchange.collect(STAFF, *PLACE)) == ([1], [2, 3], [])


def test_a_poll_finds_what_another_service_queued(exchange, monkeypatch):
    monkeypatch.setattr(marking, "POLL_SECONDS", 0.05)
    exchange.start()
    take(exchange, "kim", work_of(10, 1))  # and nobody rings
    until(lambda: state(exchange) == ["graded"])

    assert store  # the row is there without a bell


def test_progress_tells_the_rate_of_the_batches_that_are_not_over(exchange):
    for user in ("kim", "lee", "park"):
        take(exchange, user, work_of(1, 1))
    single = exchange.progress(STAFF, *PLACE)
    for _ in range(3):
        finish(exchange, claim(exchange))
    exchange.grade(STAFF, *PLACE, preview=True)
    finish(exchange, claim(exchange))
    third = exchange.progress(STAFF, *PLACE)
    for _ in range(2):
        finish(exchange, claim(exchange))
    over = exchange.progress(STAFF, *PLACE)

    assert (single.under_way, single.ended, single.expected_end) == (3, 0, None)
    assert (third.done, third.under_way, third.ended) == (4, 3, 1), "what was over before does not count"
    assert third.expected_end is not None
    assert (over.under_way, over.ended, over.expected_end) == (0, 0, None)
