"""The clock of receipts, driven by two hands: one that somebody sets, one that nobody does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.exchange.clock import BELIEVED_AFTER, SteadyClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Hands:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.step = timedelta(0)

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds) + self.step

    def clock(self, floor: datetime | None = None) -> SteadyClock:
        return SteadyClock(self.wall, floor=floor, steady=lambda: self.seconds)


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(days=1)])
def test_a_step_of_the_clock_does_not_change_who_was_in_time(step):
    hands = Hands()
    clock = hands.clock()
    hands.seconds, hands.step = 10.0, step

    assert clock.now() == NOON + timedelta(seconds=10)
    assert clock.stepped == step


def test_a_step_that_is_taken_back_leaves_no_trace():
    hands = Hands()
    clock = hands.clock()
    hands.seconds, hands.step = 10.0, timedelta(days=1)
    clock.now()
    hands.seconds, hands.step = 20.0, timedelta(0)

    assert clock.now() == NOON + timedelta(seconds=20)
    assert clock.stepped == timedelta(0)


def test_a_step_forwards_that_stays_is_believed_because_a_paused_machine_comes_back_so():
    hands = Hands()
    clock = hands.clock()
    hands.seconds, hands.step = 10.0, timedelta(hours=8)
    clock.now()
    hands.seconds += BELIEVED_AFTER + 1
    clock.now()
    hands.seconds += 1

    assert clock.now() == hands.wall()


def test_drift_is_followed():
    hands = Hands()
    clock = hands.clock()
    for second in range(1, 2000):
        hands.seconds, hands.step = float(second), timedelta(milliseconds=-second)
        clock.now()

    assert abs(clock.now() - hands.wall()) < timedelta(seconds=2)


def test_a_small_correction_backwards_holds_time_still_until_the_clock_has_caught_up():
    hands = Hands()
    clock = hands.clock()
    hands.seconds = 10.0
    before = clock.now()
    hands.seconds, hands.step = 10.6, timedelta(seconds=-1.5)
    held = clock.now()
    hands.seconds = 13.0

    assert before == held == NOON + timedelta(seconds=10)
    assert clock.now() == NOON + timedelta(seconds=11.5)


def test_after_a_restart_time_goes_on_from_the_newest_receipt():
    hands = Hands()
    floor = NOON + timedelta(minutes=30)
    clock = hands.clock(floor)
    first = clock.now()
    hands.seconds = 60.0

    assert first == floor
    assert clock.now() == floor + timedelta(seconds=60)


@given(
    st.lists(
        st.tuples(st.floats(0, 3) | st.floats(0, 1000), st.floats(-3, 3) | st.integers(-100_000, 100_000)), max_size=40
    )
)
def test_time_never_goes_backwards_whatever_the_clock_does(moves):
    hands = Hands()
    clock = hands.clock()
    last = clock.now()
    for seconds, step in moves:
        hands.seconds += seconds
        hands.step = timedelta(seconds=step)
        found = clock.now()

        assert found >= last
        last = found
