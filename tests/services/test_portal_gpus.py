"""GPUs as people see them: the student's hours and turn, the operator's week and calendar, what a lab asks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bitgoeul.gpus.model import Lease, Reservation, Slot, Wish
from bitgoeul.portal.week import LEFT, WIDTH, computing, picture
from tests.fakes.academy import academy
from tests.fakes.html import faults, read_page

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """minji holds the one whole device, junho and amelia wait for it, a class has reserved a shared one."""
    with academy(tmp_path_factory.mktemp("gpus")) as found:
        leases = found.app.state.desk.gpus
        held = leases.acquire(wish("minji")).lease
        leases.acquire(wish("junho"))
        leases.acquire(wish("amelia"))
        now = datetime.now(UTC)
        leases.reserve(Reservation(0, "two", "shared", 1, now + HOUR, now + 2 * HOUR, "동아리", "jiho"))
        leases.observe({held.key[:2]: True}, seconds=600)
        yield found


def wish(user: str) -> Wish:
    return Wish(user, "", "one", "whole", hours=10)


def page(school, user, path, language="ko"):
    school.sign_in(user)
    answer = school.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("user", "path"), [("minji", "gpus"), ("junho", "gpus"), ("haneul", "gpus"), ("jiho", "operate/gpus")]
)
def test_every_page_can_be_used_without_seeing_it_and_speaks_one_language(school, user, path, language):
    found = read_page(page(school, user, path, language))

    assert faults(found) == []
    if language == "en":
        assert re.findall("[가-힣]+", found.text.replace("한국어", "").replace("동아리", "")) == []


def test_a_student_sees_his_hours_his_device_and_his_place(school):
    mine, waits = page(school, "minji", "gpus"), page(school, "amelia", "gpus/live", "en")

    assert "GPU-0f1e2d3c" in mine
    assert "10.0시간 남음 (10시간 가운데 0.0시간 씀)" in mine
    assert "1개 중 0개 사용 가능" in mine
    assert "Number 2" in waits
    assert "Start now" not in waits


def test_the_operator_sees_who_holds_what_since_when_and_whether_it_computes(school):
    found = read_page(page(school, "jiho", "operate/gpus", "en"))
    rows = [row.text for row in found.all("tr")]

    assert len(rows) == 4
    assert any("Minji Kim" in row and "busy" in row for row in rows)
    assert sum("free" in row for row in rows) == 2
    looks = [bar["class"] for svg in found.all("svg") if svg["class"] == "week" for bar in svg.all("rect")]
    assert {"adhoc", "busy", "reserved"} <= set(looks)
    assert "Junho Park" in found.text


def test_a_lab_is_told_of_its_lease_and_warned_ten_minutes_before(school):
    leases = school.app.state.desk.gpus
    ask = lambda user: school.client.get("/services/bitgoeul/api/gpus/mine", headers=school.headers(user)).json()  # noqa: E731
    early = ask("minji")
    clock, leases._now = leases._now, lambda: datetime.now(UTC) + timedelta(hours=7, minutes=53)
    late = ask("minji")
    leases._now = clock

    assert [(row["device"], row["warn"]) for row in early] == [("GPU-0f1e2d3c", False)]
    assert [(row["warn"], row["reason"]) for row in late] == [(True, "window")]
    assert "6분 뒤" in late[0]["ko"]
    assert "in 6 min" in late[0]["en"]
    assert ask("junho") == []


def test_a_reservation_is_made_refused_and_taken_back_by_forms(school):
    school.sign_in("jiho")
    form = {"cohort": "one", "kind": "shared", "count": "2", "starts": "2031-01-01T09:00", "ends": "2031-01-01T12:00"}
    made = school.post("operate/gpus/reserve", {**form, "title": "해커톤"})
    again = school.post("operate/gpus/reserve", form)
    nonsense = school.post("operate/gpus/reserve", {**form, "starts": "soon"})

    assert (made.status_code, again.status_code, nonsense.status_code) == (303, 409, 422)
    assert "예약할 수 있는 GPU는 0개" in again.text
    shown = page(school, "jiho", "operate/gpus")
    assert "해커톤" in shown
    number = re.findall(r'name="reservation" value="(\d+)"', shown)[-1]
    assert school.post("operate/gpus/cancel", {"reservation": number}).status_code == 303
    assert "해커톤" not in page(school, "jiho", "operate/gpus")


def test_giving_the_place_up_moves_the_next_forward(school):
    school.sign_in("junho")
    school.post("gpus/leave")

    assert "Number 1" in page(school, "amelia", "gpus/live", "en")
    page(school, "jiho", "operate/gpus")


# --- the picture -------------------------------------------------------------------------------------------


def test_the_picture_lays_leases_and_work_where_they_were_in_the_week():
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    slot, begin = Slot("h", "GPU-0"), datetime(2026, 11, 18, tzinfo=UTC)
    lease = Lease("l", "minji", "a", "", "h", "GPU-0", 0, "whole", "queue", begin - HOUR, now, "over", ended_at=begin + 42 * HOUR)  # fmt: skip
    use = {
        ("h", "GPU-0", begin + n * timedelta(minutes=15)): (900.0, busy) for n, busy in enumerate((900, 500, 0, 600))
    }
    found = picture([slot], [lease], use, [], now)
    week = WIDTH - LEFT

    assert next((b.look, b.x, b.width) for b in found.rows[0].bars) == ("queue", LEFT, round(week / 4, 1))
    assert len(computing(slot, use)) == 2
    assert computing(slot, use)[0] == (begin, begin + timedelta(minutes=30))
    assert len(found.days) == 7
    assert found.now == round(LEFT + week * 6.5 / 7, 1)
