"""One function decides what a start gets. Nobody gets more than the best of his cohorts, whatever he asks for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitgoeul.errors import NotAllowed
from bitgoeul.gpus.model import Book, Lease, Reservation, Slot
from bitgoeul.hub import policy
from bitgoeul.names import CohortName, cohort_group
from bitgoeul.profiles import NETWORKS, opening
from bitgoeul.settings import Bilingual, Cohort

NOW = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Seoul"))  # a Tuesday
TITLE = Bilingual(ko="하나", en="One")

cohorts_drawn = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]).map(CohortName),
    st.builds(
        Cohort,
        title=st.just(TITLE),
        cpus=st.integers(1, 8),
        memory_mb=st.integers(256, 9999),
        gpu=st.sampled_from(["none", "shared", "whole", "1g.10gb"]),
        processes=st.integers(32, 999),
        disk_gb=st.integers(1, 99),
        network=st.sampled_from(NETWORKS),
        hours=st.sampled_from([(), ("tue 09:00-18:00",), ("mon 09:00-18:00",)]),
        starts=st.sampled_from([None, date(2026, 11, 1), date(2026, 12, 1)]),
        ends=st.sampled_from([None, date(2026, 11, 23), date(2026, 11, 24), date(2027, 1, 1)]),
        max_servers=st.integers(0, 2),
    ),
)
groups_drawn = st.lists(st.sampled_from(["cohort-a", "cohort-b", "cohort-x", "nbgrader-a", "a"]), max_size=5)


@given(
    cohorts=cohorts_drawn,
    groups=groups_drawn,
    chosen=st.sampled_from(["", "a", "b", "c", "x"]),
    servers=st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 3)),
)
def test_nobody_ever_gets_more_than_the_best_of_his_open_cohorts(cohorts, groups, chosen, servers):
    mine = policy.cohorts_of(cohorts, groups)
    open_ones = {
        name: c
        for name, c in mine.items()
        if opening(c, NOW).open and not (c.max_servers and servers.get(name, 0) >= c.max_servers)
    }
    try:
        found = policy.choose(policy.offers(mine, NOW, user="minji", servers=servers), chosen)
    except NotAllowed:
        assert not open_ones
        return

    assert found.cohort in open_ones
    assert cohort_group(CohortName(found.cohort)) in groups
    assert found == policy.limits_of(found.cohort, cohorts[found.cohort], opening(cohorts[found.cohort], NOW).until)
    for name in ("cpus", "memory_mb", "processes", "disk_gb"):
        assert getattr(found, name) <= max(getattr(c, name) for c in open_ones.values())
    assert found.gpu in {c.gpu for c in open_ones.values()}
    assert NETWORKS.index(found.network) <= max(NETWORKS.index(c.network) for c in open_ones.values())
    if chosen in open_ones:
        assert found.cohort == chosen
    elif any(c.gpu == "none" for c in open_ones.values()):
        assert found.gpu == "none"  # a device only for those who asked


def cohort(**values) -> Cohort:
    return Cohort(title=TITLE, **values)


def test_with_one_cohort_nothing_is_asked_nor_with_two_that_give_the_same():
    one = {CohortName("a"): cohort()}
    alike = {**one, CohortName("b"): cohort()}
    richer = {**one, CohortName("b"): cohort(gpu="whole")}
    closed = {**one, CohortName("b"): cohort(gpu="whole", ends=date(2026, 1, 1))}

    asked = [policy.needs_choice(policy.offers(c, NOW, user="minji")) for c in (one, alike, richer, closed)]
    assert asked == [False, False, True, False]


def test_a_closed_cohort_refuses_with_the_moment_it_opens_in_both_languages():
    closed = {CohortName("a"): cohort(hours=("mon 09:00-18:00",))}

    with pytest.raises(NotAllowed) as refused:
        policy.choose(policy.offers(closed, NOW, user="minji"))
    assert "11월 30일(월) 09:00" in refused.value.text.ko
    assert "Mon 2026-11-30 09:00" in refused.value.text.en


def test_who_is_in_no_cohort_starts_nothing_but_staff_get_the_plain_profile():
    with pytest.raises(NotAllowed):
        policy.choose(())

    assert policy.choose((), staff=True).gpu == "none"


def book(**values) -> Book:
    return Book(tuple(Slot("h", f"GPU-{n}") for n in range(3)), **values)


def lease(n: int, owner: str = "junho", hours: float = 1.0) -> Lease:
    began = NOW - timedelta(hours=hours)
    return Lease(f"l{n}", owner, "a", "", "h", f"GPU-{n}", 0, "whole", "adhoc", began, NOW + timedelta(minutes=20))


def free(found: Book, **values) -> tuple[int, int, int]:
    offer = policy.offers({CohortName("a"): cohort(gpu="whole", **values)}, NOW, user="minji", book=found)[0]
    assert offer.free is not None
    return offer.free.now, offer.free.total, offer.free.minutes if not offer.free.now else 0


def test_an_offer_says_what_is_free_for_this_person_now_or_how_long_it_may_take():
    kept = Reservation(1, "b", "whole", 2, NOW, NOW + timedelta(hours=1))
    mine = Reservation(2, "a", "whole", 2, NOW, NOW + timedelta(hours=1))

    assert free(book(leases=(lease(0),))) == (2, 3, 0)
    assert free(book(leases=(lease(0),), reservations=(kept,)))[:2] == (0, 3)
    assert free(book(leases=(lease(0),), reservations=(mine,)))[:2] == (2, 3)
    assert free(book(leases=tuple(lease(n) for n in range(3)))) == (0, 3, 15)


def test_who_has_spent_his_hours_is_not_offered_the_cohort_but_in_its_class():
    spent = book(leases=(lease(0, "minji", hours=5),))
    mine = Reservation(2, "a", "whole", 2, NOW, NOW + timedelta(hours=1))
    cohorts = {CohortName("a"): cohort(gpu="whole", gpu_hours=5)}

    assert "5.0시간" in policy.offers(cohorts, NOW, user="minji", book=spent)[0].refusal.ko
    in_class = Book(spent.slots, spent.leases, (mine,))
    assert policy.offers(cohorts, NOW, user="minji", book=in_class)[0].refusal is None
