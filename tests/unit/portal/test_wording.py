"""Words for times, states and numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from bitgoeul.portal.store import Handed
from bitgoeul.portal.wording import OUTCOMES, STATES, Wording
from bitgoeul.wire import CellVerdict, Outcome, SubmissionState, Verdict, stamp

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # noon in Seoul
KO = Wording("ko", ZoneInfo("Asia/Seoul"), NOW)
EN = Wording("en", ZoneInfo("Asia/Seoul"), NOW)


@pytest.mark.parametrize(
    ("ahead", "ko", "en"),
    [
        (timedelta(days=2, hours=1), "2일 남음", "2 days left"),
        (timedelta(days=2), "2일 남음", "2 days left"),
        (timedelta(hours=47, minutes=59), "47시간 남음", "47 hours left"),
        (timedelta(hours=1), "1시간 남음", "1 hour left"),
        (timedelta(minutes=59), "59분 남음", "59 minutes left"),
        (timedelta(seconds=1), "1분 남음", "1 minute left"),
        (timedelta(0), "1분 지남", "1 minute ago"),
        (-timedelta(hours=3), "3시간 지남", "3 hours ago"),
        (-timedelta(days=10), "10일 지남", "10 days ago"),
    ],
)
def test_how_long_it_is_until_the_due_date(ahead, ko, en):
    assert KO.left(NOW + ahead) == ko
    assert EN.left(NOW + ahead) == en


def test_the_due_moment_itself_is_over():
    assert KO.urgency(NOW) == "over"
    assert KO.urgency(NOW + timedelta(microseconds=1)) == "soon"
    assert KO.urgency(NOW + timedelta(days=2, seconds=1)) == ""


def test_times_are_the_academys_and_name_the_year_only_when_it_is_another():
    due = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)

    assert KO.moment(due) == "11월 25일 (수) 00:30"
    assert EN.moment(due) == "Wed 25 Nov, 00:30"
    assert KO.moment(due.replace(year=2027)) == "2027년 11월 25일 (목) 00:30"
    assert KO.moment(due, seconds=True) == "11월 25일 (수) 00:30:00"
    assert KO.day(due) == "2026년 11월 25일 수요일"


def test_the_field_for_a_due_date_holds_the_academys_time_and_can_be_empty():
    assert KO.field(datetime(2026, 11, 24, 15, 30, tzinfo=UTC)) == "2026-11-25T00:30"
    assert KO.field(None) == ""


def test_every_state_and_outcome_has_words_in_both_languages():
    assert set(STATES) == set(get_args(SubmissionState))
    assert set(OUTCOMES) == set(get_args(Outcome))
    for text in [*(words for _, words in STATES.values()), *OUTCOMES.values()]:
        assert text.ko
        assert text.en
        assert text.ko != text.en


@pytest.mark.parametrize(
    ("value", "shown"), [(3.0, "3"), (2.5, "2.5"), (2.345, "2.35"), (0.0, "0"), (10.0, "10"), (100, "100")]
)
def test_scores_have_no_needless_zeros(value, shown):
    assert KO.number(value) == shown


def test_sizes_and_counts_are_for_people():
    assert KO.size(999) == "999 B"
    assert KO.size(300_000) == "300.0 kB"
    assert KO.size(83_000_000_000) == "83.0 GB"
    assert EN.count(1, "{n}개", "{n} thing", "{n} things") == "1 thing"
    assert EN.count(2, "{n}개", "{n} thing", "{n} things") == "2 things"
    assert KO.count(1, "{n}개", "{n} thing", "{n} things") == "1개"


def test_a_deed_without_words_of_its_own_is_shown_as_it_is_written():
    assert EN.action("release") == "released it"
    assert EN.action("something-new") == "something-new"


BILINGUAL = "AssertionError: 평균이 맞지 않습니다 / the mean is off"


@pytest.mark.parametrize(
    ("outcome", "message", "ko", "en"),
    [
        ("failed", BILINGUAL, "평균이 맞지 않습니다", "the mean is off"),
        ("failed", "a / b", "a / b", "a / b"),
        ("failed", "AssertionError", "AssertionError", "AssertionError"),
        ("error", "KeyError: '나이 / age 나이'", "KeyError: '나이 / age 나이'", "KeyError: '나이 / age 나이'"),
        ("error", "NotImplementedError", "", ""),
        ("manual", "사람이 채점합니다 / by hand", "", ""),
    ],
)
def test_a_test_speaks_the_readers_language_where_it_speaks_both(outcome, message, ko, en):
    cell = CellVerdict(0.0, 1.0, outcome, message)

    assert (KO.message(cell), EN.message(cell)) == (ko, en)


def test_a_question_left_as_it_was_released_is_called_unanswered_and_not_an_error():
    assert KO.outcome(CellVerdict(0.0, 1.0, "error", "NotImplementedError")) == "아직 답이 없음"
    assert KO.outcome(CellVerdict(0.0, 1.0, "error", "NameError: x")) == "오류"


def test_why_a_person_should_look_is_told_in_words():
    verdict = Verdict(0.0, 1.0, ("complement:q1", "b/canary:q2", "kernel-changed"))
    handed = Handed(None, verdict, None)

    assert EN.reasons(handed) == (
        "To be checked: the test of q1 and its opposite both passed, a test of b/q2 that has to fail passed, kernel-changed"
    )
    assert "q1의 시험과 그 반대가 모두 통과" in KO.reasons(handed)


def test_the_expected_end_is_rough():
    assert EN.expected(stamp(NOW + timedelta(seconds=20))) == "done within a minute, it seems"
    assert EN.expected(stamp(NOW + timedelta(minutes=4))) == "about 5 minutes left"
    assert KO.expected(stamp(NOW + timedelta(hours=3))) == "3시간쯤 남음"
