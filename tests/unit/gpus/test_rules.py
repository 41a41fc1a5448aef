"""No device is promised twice, whoever asks for what and when; turns, waits and ends by tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bitgoeul.gpus import rules
from bitgoeul.gpus.model import SHORTEST, WARNING, Book, Laws, Lease, Reservation, Running, Slot, Ticket, Wish

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def slots(number: int = 2, kind: str = "whole") -> tuple[Slot, ...]:
    return tuple(Slot("h", f"GPU-{n}", kind=kind) for n in range(number))


def lease(slot: Slot, owner: str = "minji", *, age: timedelta = HOUR, left: timedelta = HOUR, **values) -> Lease:
    given = {"id": f"{owner}-{slot.device}", "source": "adhoc", "granted_at": NOW - age, "until": NOW + left, **values}
    return Lease(
        owner=owner, cohort="a", server="", host=slot.host, device=slot.device, number=slot.number, kind=slot.kind, **given
    )  # fmt: skip


def ticket(user: str, *, asked: timedelta = HOUR, seen: timedelta = timedelta(0), **values) -> Ticket:
    return Ticket(user, "", "a", "whole", NOW - asked, NOW - seen, **values)


# --- the promise -------------------------------------------------------------------------------------------

minutes = st.integers(0, 600).map(lambda m: m * MINUTE)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from("abcdef"), st.sampled_from(["x", "y"]), minutes),
        st.tuples(st.just("reserve"), st.integers(1, 3), minutes, minutes),
        st.tuples(st.just("wait"), st.integers(1, 90)),
        st.tuples(st.just("end"), st.integers(0, 5)),
    ),
    max_size=25,
)


def promises_hold(book: Book, now: datetime, grace: dict[int, datetime]) -> None:
    """At no moment to come is more promised than there is, and no slot has two holders now."""
    held = [x.key for x in book.leases if x.active]
    assert len(held) == len(set(held))
    for r in book.reservations:
        assert sum(x.active and x.reservation == r.id for x in book.leases) <= r.count
    moments = {now, *(r.starts for r in book.reservations), *(r.ends for r in book.reservations)}
    moments |= {x.until for x in book.leases if x.active}
    for moment in moments:
        if moment >= now and not any(r.at(moment) and moment < grace[r.id] for r in book.reservations):
            just_before = now - timedelta(microseconds=1)
            assert rules.promised_at(book, "whole", moment, just_before) <= len(book.slots)


@settings(max_examples=300)
@given(number=st.integers(1, 4), steps=steps)
def test_no_device_is_promised_twice_now_or_later(number, steps):
    """Servers end when their window does; reservations come and cut; everything else is drawn."""
    book, now, made, grace = Book(slots(number), laws=Laws(longest=5 * HOUR)), NOW, 0, {}
    for step in steps:
        if step[0] == "ask":
            _, user, cohort, closes = step
            decision = rules.decide(book, Wish(user, "", cohort, "whole", now + closes), now)
            holds = any(x.active and x.owner == user for x in book.leases)
            if decision.slot is not None and not holds:
                assert decision.until <= now + closes
                made += 1
                new = replace(
                    lease(decision.slot, user), id=f"l{made}", cohort=cohort, source=decision.source,
                    reservation=decision.reservation, granted_at=now, until=decision.until,
                )  # fmt: skip
                book = replace(book, leases=(*book.leases, new))
        elif step[0] == "reserve":
            _, count, delay, length = step
            starts, ends = now + delay, now + delay + length + MINUTE
            if rules.most_reserved(book, "whole", starts, ends) + count <= number:
                made += 1
                new = Reservation(made, "x" if made % 2 else "y", "whole", count, starts, ends)
                grace[made] = now + WARNING  # who holds a device has ten minutes to leave
                book = replace(book, reservations=(*book.reservations, new))
                cut = rules.cuts(book, "whole", now)
                assert all(
                    until >= min(now + WARNING, x.until) for x in book.leases for i, until in cut.items() if i == x.id
                )
                book = replace(book, leases=tuple(replace(x, until=cut.get(x.id, x.until)) for x in book.leases))
        elif step[0] == "wait":
            now += step[1] * MINUTE
            ended = [
                replace(x, state="over", ended_at=x.until) if x.active and x.until <= now else x for x in book.leases
            ]
            book = replace(book, leases=tuple(ended), reservations=tuple(r for r in book.reservations if r.ends > now))
        else:
            active = [x for x in book.leases if x.active]
            if active:
                gone = active[step[1] % len(active)]
                kept = tuple(replace(x, state="over", ended_at=now) if x == gone else x for x in book.leases)
                book = replace(book, leases=kept)
        promises_hold(book, now, grace)


# --- turns -------------------------------------------------------------------------------------------------


def test_who_used_least_comes_first_then_who_asked_first():
    used = {"heavy": 9.0, "light": 1.0}
    line = [
        ticket("heavy", asked=3 * HOUR),
        ticket("light"),
        ticket("new", asked=MINUTE),
        ticket("newer", asked=0 * MINUTE),
    ]

    assert [t.user for t in rules.in_order(line, used)] == ["new", "newer", "light", "heavy"]


def test_hours_of_a_reserved_class_count_for_nobody_and_old_ones_fall_away():
    one = slots()[0]
    leases = [
        lease(one, "a", age=2 * HOUR),
        lease(one, "b", source="calendar"),
        lease(one, "c", age=8 * 24 * HOUR, state="over", ended_at=NOW - 7 * 24 * HOUR + HOUR),
    ]

    assert rules.hours_used(leases, NOW) == {"a": 2.0, "c": 1.0}


def test_a_free_device_is_offered_to_whose_turn_it_is_and_kept_for_five_minutes():
    book = Book(slots(1), tickets=(ticket("first", asked=2 * HOUR), ticket("second")))
    kept, dropped = rules.turns(book, NOW)

    assert [t.offered_at for t in kept] == [NOW, None]
    assert rules.decide(replace(book, tickets=tuple(kept)), Wish("second", "", "a", "whole"), NOW).slot is None
    later = NOW + 6 * MINUTE
    kept, dropped = rules.turns(replace(book, tickets=(kept[0], replace(kept[1], seen_at=later))), later)
    assert [t.user for t in dropped] == ["first"]
    assert [(t.user, t.offered_at) for t in kept] == [("second", later)]


def test_who_is_away_is_passed_over_and_keeps_his_place():
    away = ticket("away", asked=2 * HOUR, seen=10 * MINUTE)
    book = Book(slots(1), tickets=(away, ticket("here")))
    kept, _ = rules.turns(book, NOW)
    book = replace(book, tickets=tuple(kept))

    assert rules.decide(book, Wish("here", "", "a", "whole"), NOW).slot is not None
    back = replace(book, tickets=tuple(replace(t, seen_at=NOW) for t in kept))
    assert rules.decide(back, Wish("here", "", "a", "whole"), NOW).slot is None


def test_a_ticket_nobody_looks_at_for_two_hours_is_taken_away():
    book = Book(slots(1), (lease(slots(1)[0]),), tickets=(ticket("gone", asked=3 * HOUR, seen=121 * MINUTE),))

    assert rules.turns(book, NOW) == ([], [book.tickets[0]])


# --- windows and hours -------------------------------------------------------------------------------------


def test_a_lease_ends_before_its_device_is_reserved_for_others():
    kept = Reservation(1, "class", "whole", 2, NOW + HOUR, NOW + 2 * HOUR)
    book = Book(slots(2), reservations=(kept,))

    assert rules.decide(book, Wish("minji", "", "a", "whole"), NOW).until == NOW + HOUR
    assert rules.decide(book, Wish("minji", "", "class", "whole"), NOW).until == NOW + HOUR
    close = replace(book, reservations=(replace(kept, starts=NOW + SHORTEST - MINUTE),))
    assert rules.decide(close, Wish("minji", "", "a", "whole"), NOW).slot is None


def test_members_take_what_is_reserved_for_them_and_it_bears_the_calendar():
    kept = Reservation(7, "class", "whole", 2, NOW - HOUR, NOW + HOUR)
    book = Book(slots(2), reservations=(kept,))
    mine, other = (rules.decide(book, Wish("minji", "", c, "whole", hours=0.1), NOW) for c in ("class", "a"))

    assert (mine.source, mine.reservation, mine.until) == ("calendar", 7, NOW + HOUR)
    assert (other.slot, other.exhausted) == (None, True)
    assert rules.decide(book, Wish("minji", "", "a", "whole"), NOW).slot is None


def test_hours_left_end_the_window_and_none_left_is_told():
    used = lease(slots(3)[2], age=3 * HOUR)
    book = Book(slots(3), (replace(used, state="over", ended_at=NOW),))

    assert rules.decide(book, Wish("minji", "", "a", "whole", hours=5), NOW).until == NOW + 2 * HOUR
    assert rules.decide(book, Wish("minji", "", "a", "whole", hours=3.2), NOW).exhausted


def test_sharers_are_spread_over_devices_before_they_meet():
    shared = tuple(Slot("h", f"GPU-{d}", n, "shared", isolated=False) for d in range(2) for n in range(2))
    book = Book(shared, (lease(shared[0]),))

    assert rules.decide(book, Wish("junho", "", "a", "shared"), NOW).slot.device == "GPU-1"


# --- waiting and ending ------------------------------------------------------------------------------------


def test_a_free_device_beside_the_persons_files_comes_first():
    here = tuple(Slot(host, f"GPU-{host}") for host in ("h1", "h2"))
    wish = Wish("minji", "", "c", "whole")

    assert [rules.decide(Book(here), replace(wish, host=host), NOW).slot.host for host in ("", "h1", "h2", "h9")] == [
        "h1",
        "h1",
        "h2",
        "h1",
    ]


def test_the_expected_wait_comes_from_how_long_others_took():
    a, b = slots(2)
    past = [lease(a, f"p{n}", age=5 * HOUR, state="over", ended_at=NOW - 5 * HOUR + 2 * HOUR) for n in range(3)]
    book = Book((a, b), (*past, lease(a, age=HOUR, left=7 * HOUR), lease(b, "junho", age=HOUR, left=10 * MINUTE)))

    assert rules.expected_wait(book, "whole", 1, NOW) == 10 * MINUTE  # junho's window ends
    assert rules.expected_wait(book, "whole", 2, NOW) == HOUR  # minji is half through the usual two hours
    assert rules.expected_wait(book, "whole", 3, NOW) == 2 * HOUR + 10 * MINUTE
    assert rules.expected_wait(Book(()), "whole", 1, NOW) == timedelta.max


def test_idleness_ends_a_lease_where_it_is_measured_and_warns_ten_minutes_before():
    laws, slot = Laws(idle=30 * MINUTE), slots()[0]
    measured = lease(slot, observed_at=NOW, busy_at=NOW - 21 * MINUTE)

    assert rules.outlook(measured, laws, NOW) == rules.Outlook("idle", NOW + 9 * MINUTE, warn=True, due=False)
    assert rules.outlook(replace(measured, observed_at=NOW + 9 * MINUTE), laws, NOW + 9 * MINUTE).due
    assert not rules.outlook(measured, laws, NOW + 9 * MINUTE).due  # nobody measures any more
    assert rules.outlook(lease(slot), laws, NOW) == rules.Outlook("window", NOW + HOUR, warn=False, due=False)
    assert rules.outlook(lease(slot, left=10 * MINUTE), laws, NOW).warn


def test_a_reservation_made_late_cuts_the_youngest_and_leaves_them_ten_minutes():
    a, b = slots(2)
    old, young = lease(a, "old", age=3 * HOUR, left=3 * HOUR), lease(b, "young", age=HOUR, left=3 * HOUR)
    soon = Reservation(1, "class", "whole", 1, NOW + MINUTE, NOW + HOUR)

    assert rules.cuts(Book((a, b), (old, young), (soon,)), "whole", NOW) == {young.id: NOW + WARNING}


# --- what runs is the truth --------------------------------------------------------------------------------


def test_a_lease_without_container_is_lost_but_not_while_it_is_new_or_starting():
    a, b, c = slots(3)
    leases = [lease(a, "old"), lease(b, "new", age=MINUTE / 2), lease(c, "pulling")]

    assert rules.agree(leases, [], NOW, starting=[leases[2].id]) == rules.Plan(lost=(leases[0].id,))


def test_a_container_whose_row_is_over_takes_its_device_back():
    over = lease(slots()[0], state="over", ended_at=NOW)
    found = Running.of(over, "c1")

    assert rules.agree([over], [found], NOW) == rules.Plan(adopt=(found,))


def test_of_two_containers_on_one_device_the_one_without_a_row_is_stopped():
    row = lease(slots()[0])
    stranger = replace(Running.of(row, "c2"), lease="other", owner="junho")
    twin = Running.of(row, "c3")

    assert rules.agree([row], [stranger, Running.of(row, "c1"), twin], NOW) == rules.Plan(stop=(twin, stranger))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 9)), max_size=8))
def test_after_agreeing_no_device_has_two_holders(drawn):
    four = slots(4)
    rows = [lease(slot, f"r{n}") for n, slot in enumerate(four[:2])]
    running = [
        replace(Running.of(lease(four[d]), f"c{c}"), lease=rows[i].id if i < 2 else f"x{i}") for d, i, c in drawn
    ]
    plan = rules.agree(rows, running, NOW)
    left = [r.key for r in set(running) if r not in plan.stop]

    assert len(left) == len(set(left))


def test_labels_bring_a_lease_back_and_what_is_no_label_brings_nothing():
    found = Running.of(lease(slots()[0]), "c1")

    assert Running.read({**found.labels(), "other": "x"}, "c1") == found
    for broken in ({}, {**found.labels(), "bitgoeul.gpu.number": "x"}, {**found.labels(), "bitgoeul.gpu.lease": ""}):
        assert Running.read(broken) is None
