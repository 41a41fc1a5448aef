"""Lateness, what students see, and the life of a job: pure, by tables and properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.exchange import rules
from bitgoeul.exchange.rules import Job
from bitgoeul.wire import CellVerdict, Doubt, Verdict

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
moments = st.integers(0, 10**15).map(lambda grains: NOON + grains * rules.GRAIN)
spans = st.timedeltas(timedelta(0), timedelta(days=30))


@pytest.mark.parametrize(
    ("begun", "late"),
    [
        (NOON - timedelta(microseconds=1), 0.0),
        (NOON, 1e-6),
        (NOON + timedelta(microseconds=1), 1e-6),
        (NOON + timedelta(seconds=90), 90.0),
    ],
)
def test_the_due_moment_itself_is_late(begun, late):
    assert rules.late_seconds(begun, NOON) == late


def test_without_a_due_date_nothing_is_late():
    assert rules.late_seconds(NOON, None) == 0.0


@given(moments, moments, moments)
def test_an_extension_never_makes_anybody_later(begun, due, extension):
    extended = rules.effective_due(due, extension)

    assert rules.late_seconds(begun, extended) <= rules.late_seconds(begun, due)


@given(moments, moments)
def test_late_and_in_time_exclude_each_other(begun, due):
    assert (rules.late_seconds(begun, due) == 0.0) == (begun < due)


@given(first=moments, waited=spans, size=st.integers(0, 10**9), grace=spans)
def test_a_beginning_is_kept_in_the_grace_window_and_never_lies_in_the_future(first, waited, size, grace):
    now = first + waited
    counted = rules.counted_beginning(first, now, size, grace)

    assert first <= counted <= now
    assert (counted == first) == (waited <= rules.time_allowed(size, grace)) or waited == timedelta(0)


def test_a_clock_that_stepped_back_gives_no_negative_duration():
    counted = rules.counted_beginning(NOON, NOON - timedelta(hours=1), 10, timedelta(minutes=5))

    assert counted == NOON - timedelta(hours=1)


@given(size=st.integers(0, 10**9))
def test_a_large_upload_may_take_as_long_as_a_slow_line_needs(size):
    assert rules.time_allowed(size, timedelta(minutes=5)).total_seconds() >= size / rules.SLOWEST_LINK - 1e-6


@pytest.mark.parametrize(
    ("results", "now", "due", "released", "shown"),
    [
        ("now", NOON, None, False, True),
        ("after-due", NOON - rules.GRAIN, NOON, False, False),
        ("after-due", NOON, NOON, False, True),
        ("after-due", NOON, None, False, False),
        ("after-due", NOON, None, True, True),
        ("on-release", NOON, NOON, False, False),
        ("on-release", NOON, None, True, True),
    ],
)
def test_hidden_results_show_by_the_policy(results, now, due, released, shown):
    assert rules.shows_hidden(results, now=now, due=due, released=released) is shown


VERDICT = Verdict(
    score=3.0,
    max_score=6.0,
    flags=("both passed",),
    cells={
        "seen": CellVerdict(1.0, 2.0, "passed", "well done"),
        "unseen": CellVerdict(2.0, 4.0, "failed", "expected 42", hidden=True),
    },
)


def test_a_student_who_may_not_see_hidden_results_cannot_work_them_out():
    shown = rules.for_student(VERDICT, hidden=False)

    assert (shown.score, shown.max_score) == (1.0, 2.0)
    assert shown.cells["unseen"] == CellVerdict(0.0, 4.0, "not_run", hidden=True)
    assert rules.for_student(replace(VERDICT, score=5.0), hidden=False) == shown


def test_flags_and_doubts_are_for_staff():
    doubted = replace(VERDICT, doubts={"q1": Doubt("passed", "passed", 1.0)})

    assert rules.for_student(doubted, hidden=True) == replace(VERDICT, flags=())
    assert rules.for_student(doubted, hidden=False).doubts == {}


def test_a_verdict_with_a_manual_cell_waits_for_a_person():
    manual = Verdict(0.0, 5.0, cells={"why": CellVerdict(0.0, 5.0, "manual")})

    assert rules.state_after(manual) == "needs-manual"
    assert rules.state_after(VERDICT) == "graded"


def test_only_owner_and_staff_may_read_a_submission():
    assert rules.may_read_submission(asker="kim", owner="kim", staff=False)
    assert rules.may_read_submission(asker="prof", owner="kim", staff=True)
    assert not rules.may_read_submission(asker="lee", owner="kim", staff=False)


steps = st.lists(st.tuples(st.sampled_from(["claim", "end", "fail", "postpone", "stale"]), spans), max_size=30)


@given(steps)
def test_of_all_attempts_at_a_job_only_the_newest_can_ever_end_it(taken):
    """A model of many workers: whoever claims gets a new token, and only its holder changes the job."""
    now, job, tokens, ended = NOON, Job("queued", 0), [], 0
    for step, wait in taken:
        now += wait
        before = job
        if step == "claim" and rules.claimable(job, now):
            job = rules.claimed(job, now)
            tokens.append(job.attempt)
        elif step == "stale":
            assert not any(rules.holds(job, token) for token in tokens[:-1])
        elif tokens and rules.holds(job, tokens[-1]):
            job = {
                "end": Job("done", job.attempt, job.failures),
                "fail": rules.after_failure(job, now),
                "postpone": rules.postponed(job, now),
            }.get(step, job)
            ended += job.state in ("done", "failed") and before.state == "running"
        assert job.attempt >= before.attempt

    assert tokens == sorted(set(tokens))
    assert ended <= 1


def test_a_running_job_can_be_taken_over_only_when_its_lease_ran_out():
    job = rules.claimed(Job("queued", 0), NOON)

    assert not rules.claimable(job, NOON + rules.LEASE - rules.GRAIN)
    assert rules.claimable(job, NOON + rules.LEASE)


def test_a_job_that_raises_is_given_up_after_three_times_and_one_that_was_cut_off_never():
    job = Job("queued", 0)
    for _ in range(10):  # ten crashes of the service
        job = rules.claimed(job, NOON)
    for failure in range(rules.MOST_FAILURES):
        assert job.state != "failed", failure
        job = rules.after_failure(rules.claimed(job, NOON), NOON)

    assert job.state == "failed"


def test_the_expected_end_follows_the_rate_of_what_has_ended():
    def end(**more):
        return rules.expected_end(**{"began": NOON, "now": NOON + timedelta(minutes=2), "ended": 4, "left": 6, **more})

    assert end() == NOON + timedelta(minutes=5)
    assert end(ended=0) is None
    assert end(left=0) is None
    assert end(now=NOON - timedelta(seconds=1)) == NOON - timedelta(seconds=1), "clocks of two machines may differ"
