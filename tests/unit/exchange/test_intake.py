"""The write path without HTTP: keys, beginnings, order."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bitgoeul.errors import BitgoeulError, Conflict, InputError, NotAllowed, StorageFull, TooLarge
from bitgoeul.exchange import bundle
from bitgoeul.exchange import tables as t
from bitgoeul.exchange.receipts import verify
from bitgoeul.wire import moment
from tests.services.exchange_load import STAFF, announce, local_exchange, student, take, work_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Hands:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wall(self):
        return NOON + timedelta(seconds=self.seconds)

    def steady(self):
        return self.seconds


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def exchange(tmp_path, hands):
    with local_exchange(tmp_path / "state", wall=hands.wall, steady=hands.steady) as exchange:
        yield exchange


def test_the_beginning_counts_and_not_the_end(exchange, hands):
    data = work_of(10, 1)
    announced = announce(exchange, "kim", data)
    hands.seconds = 200.0
    with exchange.intake.body() as body:
        body.write(data)
        receipt = exchange.intake.finish(announced, body).result().receipt

    assert moment(receipt.begun_at) == NOON
    assert moment(receipt.stored_at) == NOON + timedelta(seconds=200)


@pytest.mark.parametrize(("waited", "kept"), [(299.0, True), (301.0, False)])
def test_a_retry_keeps_the_beginning_within_the_grace_window_only(exchange, hands, waited, kept):
    data, key = work_of(10, 1), str(uuid.uuid4())
    announce(exchange, "kim", data, key)  # and the body never comes
    hands.seconds = waited
    receipt = take(exchange, "kim", data, key).receipt

    assert moment(receipt.begun_at) == (NOON if kept else NOON + timedelta(seconds=waited))


def test_an_intent_cannot_be_used_to_begin_early_and_hand_in_something_else_later(exchange, hands):
    key = str(uuid.uuid4())
    announce(exchange, "kim", work_of(10, 1), key)
    hands.seconds = 60.0

    with pytest.raises(Conflict):
        take(exchange, "kim", work_of(10, 2), key)


def test_a_body_that_trickles_in_for_hours_counts_from_its_end(exchange, hands):
    data = work_of(10, 1)
    announced = announce(exchange, "kim", data)
    hands.seconds = 3 * 3600.0
    with exchange.intake.body() as body:
        body.write(data)
        receipt = exchange.intake.finish(announced, body).result().receipt

    assert receipt.begun_at == receipt.stored_at


def test_lateness_in_the_receipt_is_of_the_moment_it_was_signed(exchange, hands):
    row = exchange.assignments_for(STAFF, STAFF.staff_of[0])[0]
    exchange.set_due(STAFF, STAFF.staff_of[0], row.assignment, NOON + timedelta(seconds=60))
    hands.seconds = 59.0
    early = take(exchange, "kim", work_of(10, 1)).receipt
    hands.seconds = 90.0
    late = take(exchange, "kim", work_of(10, 2)).receipt
    exchange.set_extension(STAFF, STAFF.staff_of[0], row.assignment, student("kim").user, NOON + timedelta(hours=1))
    shown = exchange.submissions_for(student("kim"), STAFF.staff_of[0])

    assert (early.late_seconds, late.late_seconds) == (0.0, 30.0)
    assert exchange.receipt_for(student("kim"), late.id) == late
    assert verify(late, exchange.signer.public_key)
    assert [found.late_seconds for found in shown] == [0.0, 0.0]


def test_many_at_once_get_one_sequence_and_one_chain(exchange):
    def hand_in(number):
        return take(exchange, f"student-{number % 7}", work_of(10, number)).receipt

    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(hand_in, range(80)))

    assert sorted(receipt.sequence for receipt in receipts) == list(range(1, 81))
    assert len({receipt.chain for receipt in receipts}) == 80
    assert exchange.verify().sound


def test_the_same_upload_twice_at_the_same_time_is_one_submission(exchange):
    data, key = work_of(10, 1), str(uuid.uuid4())
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: take(exchange, "kim", data, key), range(8)))

    assert len({one.receipt for one in taken}) == 1
    assert sum(one.created for one in taken) == 1
    assert len(exchange.submissions_for(student("kim"), STAFF.staff_of[0])) == 1


def test_the_same_bytes_under_a_new_key_are_a_new_submission_of_the_same_blob(exchange):
    one, other = take(exchange, "kim", work_of(10, 1)), take(exchange, "kim", work_of(10, 1))

    assert one.receipt.id != other.receipt.id
    assert one.receipt.sha256 == other.receipt.sha256
    assert exchange.verify().sound


def test_what_is_not_what_was_announced_is_not_stored(exchange):
    announced = announce(exchange, "kim", work_of(10, 1))
    with exchange.intake.body() as body:
        body.write(work_of(10, 2))
        with pytest.raises(InputError, match="not what was announced"):
            exchange.intake.finish(announced, body)

    assert list((exchange.settings.state / "blobs" / "tmp").iterdir()) == []
    assert exchange.submissions_for(student("kim"), STAFF.staff_of[0]) == []


def test_a_stranger_begins_nothing(exchange):
    stranger = student("kim").__class__(student("kim").user, frozenset({"nbgrader-other"}), "program")
    with pytest.raises(NotAllowed):
        exchange.assignments_for(stranger, STAFF.staff_of[0])


def test_a_disk_below_its_margin_takes_nothing_and_goes_on_reading(tmp_path):
    with local_exchange(tmp_path / "state") as exchange:
        kept = take(exchange, "kim", work_of(10, 1)).receipt
        exchange.blobs.min_free = 1 << 60

        with pytest.raises(StorageFull):
            take(exchange, "kim", work_of(10, 2))
        assert exchange.receipt_for(student("kim"), kept.id) == kept


def test_an_earlier_version_that_the_work_was_made_from_is_noted(exchange):
    assert exchange.submissions_for(STAFF, STAFF.staff_of[0]) == []
    receipt = take(exchange, "kim", work_of(10, 1)).receipt

    assert exchange.submission_for(STAFF, receipt.id).release_version == 1


def test_old_intents_are_forgotten_and_young_ones_are_not(tmp_path, hands):
    data, key = work_of(10, 1), str(uuid.uuid4())
    state = tmp_path / "state"
    with local_exchange(state, wall=hands.wall, steady=hands.steady) as exchange:
        announce(exchange, "kim", data, key)
    hands.seconds = 100.0
    with local_exchange(state, wall=hands.wall, steady=hands.steady) as exchange:
        receipt = take(exchange, "kim", data, key).receipt

    assert moment(receipt.begun_at) == NOON


@pytest.mark.parametrize("data", [b"", b"not a tar", bundle.write({"../x": b""})[:-1024]])
def test_a_bundle_that_is_none_is_not_stored(exchange, data):
    with pytest.raises(BitgoeulError):
        take(exchange, "kim", data)

    assert exchange.submissions_for(student("kim"), STAFF.staff_of[0]) == []


def test_a_key_that_already_stands_for_other_bytes_is_a_conflict(exchange):
    key = str(uuid.uuid4())
    take(exchange, "kim", work_of(10, 1), key)

    with pytest.raises(Conflict):
        take(exchange, "kim", work_of(10, 2), key)
    assert len(exchange.submissions_for(student("kim"), STAFF.staff_of[0])) == 1


def test_an_upload_that_ended_leaves_no_intent_whatever_way_it_came(exchange):
    data, key = work_of(10, 1), str(uuid.uuid4())
    for _ in range(3):
        take(exchange, "kim", data, key)
    with exchange.database.reading() as connection:
        left = connection.execute(t.upload_intents.select()).all()

    assert left == []


@pytest.fixture
def small(tmp_path):
    """A student may keep one megabyte in the assignment."""
    with local_exchange(tmp_path / "state", options={"quota_mb": 1, "max_submission_mb": 1}) as exchange:
        yield exchange


def test_past_his_quota_a_student_is_refused_before_a_byte_is_sent_and_nobody_else_is(small):
    for number in range(2):
        take(small, "kim", work_of(400_000, number))
    with pytest.raises(
        TooLarge, match=r"1,000,000 bytes may be handed in to one assignment; 80\d,\d{3} are there"
    ) as told:
        announce(small, "kim", work_of(400_000, 2))

    assert "한 과제에 모두 1,000,000바이트까지" in told.value.text.ko
    assert take(small, "lee", work_of(400_000, 2)).created
    assert len(small.submissions_for(student("kim"), STAFF.staff_of[0])) == 2


def test_what_a_student_sent_before_costs_nothing_again(small):
    data, key = work_of(700_000, 1), str(uuid.uuid4())
    first = take(small, "kim", data, key)

    assert take(small, "kim", data, key).receipt == first.receipt, "a retry gets its receipt"
    assert take(small, "kim", data).created, "the same bytes lie there once"


def test_of_two_uploads_beside_each_other_the_one_over_the_quota_is_refused(small):
    both = [work_of(600_000, number) for number in range(2)]
    announced = [announce(small, "kim", data) for data in both]
    ended = []
    for data, one in zip(both, announced, strict=True):
        with small.intake.body() as body:
            body.write(data)
            ended.append(small.intake.finish(one, body).exception())

    assert ended[0] is None
    assert isinstance(ended[1], TooLarge)
    assert small.verify().submissions == 1


def test_without_a_quota_nothing_is_counted(tmp_path):
    with local_exchange(tmp_path / "state", options={"quota_mb": 0, "max_submission_mb": 1}) as exchange:
        assert all(take(exchange, "kim", work_of(600_000, number)).created for number in range(3))
