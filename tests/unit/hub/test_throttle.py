"""How soon somebody may try again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.hub import throttle
from bitgoeul.hub.throttle import EVERYBODY, FREE, FREE_SHARED, LONGEST, MOST, Throttle, pause

MINJI = ("minji", "10.0.0.1")


class Clock:
    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Throttle:
    return Throttle(clock)


def fail(gate: Throttle, key: throttle.Key, times: int) -> None:
    for _ in range(times):
        gate.began(key)


def test_a_child_may_mistype_a_few_times(gate: Throttle) -> None:
    fail(gate, MINJI, FREE - 1)

    assert gate.wait(MINJI) == 0


def test_waiting_doubles_and_has_an_end() -> None:
    waits = [pause(failures, FREE) for failures in range(FREE, FREE + 30)]

    assert waits[:4] == [2, 4, 8, 16]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def test_the_wait_is_over_when_it_says_so(gate: Throttle, clock: Clock) -> None:
    fail(gate, MINJI, FREE + 2)
    wait = gate.wait(MINJI)
    clock.now += wait - 0.5
    assert gate.wait(MINJI) > 0
    clock.now += 0.5

    assert gate.wait(MINJI) == 0


def test_another_person_and_another_address_do_not_wait(gate: Throttle) -> None:
    fail(gate, MINJI, 20)

    assert gate.wait(("junho", "10.0.0.1")) == 0
    assert gate.wait(("minji", "10.0.0.2")) == 0


def test_a_success_forgets_what_went_wrong(gate: Throttle) -> None:
    fail(gate, MINJI, FREE - 1)
    gate.began(MINJI)
    gate.succeeded(MINJI)
    fail(gate, MINJI, FREE - 1)

    assert gate.wait(MINJI) == 0


def test_a_thousand_attempts_at_once_are_a_thousand_wrong_ones(gate: Throttle) -> None:
    allowed = 0
    for _ in range(1000):  # none has an answer yet
        if gate.wait(MINJI) == 0:
            gate.began(MINJI)
            allowed += 1

    assert allowed == FREE


def test_what_was_nobodys_fault_does_not_count(gate: Throttle) -> None:
    for _ in range(3 * EVERYBODY):
        gate.began(MINJI)
        gate.forgive(MINJI)

    assert gate.wait(MINJI) == 0
    assert gate.wait(("junho", "10.0.0.9")) == 0


def test_a_school_behind_one_address_may_fail_more_often_where_no_name_is_given(gate: Throttle) -> None:
    school = ("", "203.0.113.5")
    fail(gate, school, FREE_SHARED - 1)
    assert gate.wait(school) == 0
    fail(gate, school, 1)

    assert gate.wait(school) == 2


def test_many_addresses_together_wait_but_those_who_belong_do_not(gate: Throttle, clock: Clock) -> None:
    gate.began(MINJI)
    gate.succeeded(MINJI)
    for number in range(EVERYBODY):
        gate.began((f"user{number}", f"198.51.100.{number}"))
    stranger = gate.wait(("new", "192.0.2.1"))
    known = gate.wait(MINJI)
    clock.now += throttle.EVERYBODY_SECONDS

    assert 0 < stranger <= throttle.EVERYBODY_SECONDS
    assert known == 0
    assert gate.wait(("new", "192.0.2.1")) == 0


def test_a_class_that_signs_in_at_once_keeps_nobody_out(gate: Throttle) -> None:
    for number in range(3 * EVERYBODY):
        key = (f"pupil{number}", "203.0.113.5")
        assert gate.wait(key) == 0
        gate.began(key)
        gate.succeeded(key)


def test_memory_has_a_bound(gate: Throttle) -> None:
    for number in range(MOST + 500):
        gate.began((f"u{number}", "x"))
        gate.succeeded((f"k{number}", "x"))

    assert len(gate.records) == MOST
    assert len(gate.known) == MOST
    assert len(gate.recent) == len(gate.times) <= EVERYBODY


def test_after_an_hour_all_is_forgotten(gate: Throttle, clock: Clock) -> None:
    fail(gate, MINJI, 40)
    clock.now += throttle.FORGET

    assert gate.wait(MINJI) == 0
    gate.began(MINJI)
    assert gate.records[MINJI].failures == 1


@given(st.lists(st.tuples(st.sampled_from("bfs"), st.sampled_from("abc"), st.floats(0, 100)), max_size=80))
def test_whatever_happens_the_two_lists_stay_together_and_no_wait_is_endless(steps) -> None:
    clock = Clock()
    gate = Throttle(clock)
    for what, user, seconds in steps:
        clock.now += seconds
        {"b": gate.began, "f": gate.forgive, "s": gate.succeeded}[what]((user, "x"))

        assert len(gate.recent) == len(gate.times)
        assert 0 <= gate.wait((user, "x")) <= LONGEST
