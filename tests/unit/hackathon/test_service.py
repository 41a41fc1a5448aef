"""A hackathon with its rows, on SQLite and PostgreSQL: the table of hard cases."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bitgoeul.errors import Conflict, InputError, NotAllowed, NotFound, QuotaSpent, ScorerFailed, TooLarge
from bitgoeul.hackathon import ranking, store, work
from bitgoeul.hackathon import tables as t
from bitgoeul.names import UserName
from tests.unit.hackathon.conftest import BOSS, END, START

MS = timedelta(milliseconds=1)
MINJI, JUN = UserName("minji"), UserName("jun")


def phases(end=END):
    return [{"name": "main", "title": {"ko": "본선", "en": "Main"}, "start": START.isoformat(), "end": end.isoformat()}]


@pytest.fixture
def opened(world):
    world.open()
    world.team("minji")
    world.team("jun")
    return world


def test_a_good_file_scores_and_the_board_shows_it(opened):
    found = opened.submit("minji", opened.file(0.1))

    assert found["state"] == "scored"
    assert found["phase"] == "main"
    assert "private" not in found
    assert opened.board() == [(1, "team minji"), (None, "· half")]


def test_a_bad_file_is_invalid_costs_no_attempt_and_tells_its_faults(opened):
    found = opened.submit("minji", b"id,target\nx,1\n")

    assert found["state"] == "invalid"
    assert {fault["code"] for fault in found["faults"]} == {"unknown-id", "missing-id"}
    assert found["remaining"] == 5


@pytest.mark.parametrize(
    ("at", "state"), [(START - MS, None), (START, "scored"), (END - MS, "scored"), (END, "late"), (END + MS, "late")]
)
def test_the_moment_of_the_announcement_decides(opened, at, state):
    opened.at = at
    if state is None:
        with pytest.raises(NotAllowed):
            opened.submit("minji", opened.file(0.1))
        return
    assert opened.submit("minji", opened.file(0.1))["state"] == state


def test_a_body_may_come_after_the_end_and_still_counts(opened):
    opened.at = END - MS
    data = opened.file(0.1)
    announced = opened.announce("minji", data)
    opened.at = END + timedelta(seconds=59)

    assert opened.send("minji", announced["id"], data)["state"] == "received"
    while opened.core.scoring.step():
        pass
    assert opened.hackathon.submission(MINJI, announced["id"])["state"] == "scored"


def test_a_body_that_comes_too_late_or_is_another_is_refused(opened):
    data = opened.file(0.1)
    announced = opened.announce("minji", data)
    with pytest.raises(InputError, match="not what was announced"):
        opened.send("minji", announced["id"], opened.file(0.2))
    opened.move(seconds=61)

    assert opened.send("minji", announced["id"], data)["state"] == "expired"
    assert opened.hackathon.submissions(MINJI, "small")[0]["remaining"] == 5


def test_an_upload_that_never_comes_expires_and_is_refunded(opened):
    assert opened.announce("minji", b"x")["remaining"] == 4
    opened.move(seconds=61)
    with store.writing(opened.hackathon.database) as connection:
        assert work.expire(connection, opened.at) == 1

    assert opened.hackathon.submissions(MINJI, "small")[0]["remaining"] == 5


def test_the_same_key_is_the_same_submission(opened):
    key = str(uuid.uuid4())
    first = opened.announce("minji", b"a", key)

    assert opened.announce("minji", b"a", key)["id"] == first["id"]
    assert opened.hackathon.submissions(MINJI, "small")[0]["remaining"] == 4
    with pytest.raises(Conflict):
        opened.announce("minji", b"b", key)


def test_fifty_at_once_with_a_quota_of_five(world):
    """Of fifty parallel announcements exactly five pass."""
    world.open(quota={"scored": 5, "waiting": 50})
    world.team("minji")
    passed, refused, odd = [], [], []

    def try_it():
        try:
            passed.append(world.announce("minji", b"x"))
        except QuotaSpent:
            refused.append(1)
        except Exception as error:  # noqa: BLE001 (the test tells what it was)
            odd.append(error)

    threads = [threading.Thread(target=try_it) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert odd == []
    assert (len(passed), len(refused)) == (5, 45)


def test_the_quota_comes_back_at_midnight_in_seoul(world):
    end = START + timedelta(days=3)
    world.open(quota={"scored": 1}, phases=phases(end))
    world.team("minji")
    world.at = START.replace(hour=23, minute=59, second=59)
    assert world.submit("minji", world.file(0.1))["next_at"] == "2026-12-05T15:00:00.000000Z"
    with pytest.raises(QuotaSpent, match="2026-12-05T15:00"):
        world.submit("minji", world.file(0.2))
    world.move(seconds=1)

    assert world.submit("minji", world.file(0.2))["state"] == "scored"


def test_a_limit_lowered_below_what_is_used_blocks(opened):
    for off in (0.1, 0.2):
        opened.submit("minji", opened.file(off))
    opened.organising.change(BOSS, "small", {"quota": {"scored": 1}})

    with pytest.raises(QuotaSpent):
        opened.announce("minji", b"x")
    opened.organising.change(BOSS, "small", {"quota": {"scored": 3}})
    assert opened.announce("minji", b"x")["remaining"] == 0


def test_unreadable_files_have_a_limit_of_their_own(world):
    world.open(quota={"invalid": 2})
    world.team("minji")
    for _ in range(2):
        assert world.submit("minji", b"x")["state"] == "invalid"

    with pytest.raises(QuotaSpent):
        world.announce("minji", world.file())


def test_a_team_has_only_so_many_waiting(opened):
    for _ in range(3):
        opened.announce("minji", b"x")

    with pytest.raises(QuotaSpent, match="waiting"):
        opened.announce("minji", b"x")
    assert opened.announce("jun", b"x")


def test_without_a_team_and_with_a_huge_file(opened):
    with pytest.raises(NotAllowed, match="team"):
        opened.announce("nobody", b"x")
    with pytest.raises(TooLarge):
        opened.announce("minji", b"x" * 20_000_001)


def test_an_error_of_ours_is_tried_again_then_refunded(opened, monkeypatch):
    def broken(_leased):
        raise ScorerFailed(ko="안 됨", en="no")

    monkeypatch.setattr(opened.core.scoring, "_score", broken)
    found = opened.submit("minji", opened.file())

    assert found["state"] == "system-error"
    assert found["remaining"] == 5
    with opened.hackathon.database.reading() as connection:
        outcomes = connection.execute(select(t.attempts.c.outcome).order_by(t.attempts.c.number)).scalars().all()
    assert outcomes == ["error", "error", "system-error"]


def test_a_lost_worker_is_replaced_and_its_late_word_refused(opened):
    data = opened.file(0.1)
    opened.send("minji", opened.announce("minji", data)["id"], data)
    database = opened.hackathon.database
    with store.writing(database) as connection:
        lost = work.claim(connection, opened.at)
        assert work.claim(connection, opened.at) is None
    late = opened.at + timedelta(seconds=31)
    with store.writing(database) as connection:
        new = work.claim(connection, late)
        assert new.attempt == lost.attempt + 1
        assert not work.renew(connection, lost, late)
        assert not work.end_scored(connection, lost, opened.organising.score(lost), late)
        assert work.end_scored(connection, new, opened.organising.score(new), late)
        assert not work.end_scored(connection, new, opened.organising.score(new), late)
    with database.reading() as connection:
        rows = connection.execute(select(t.scores).where(t.scores.c.submission == new.sequence)).all()

    assert len(rows) == 1


def test_teams_take_turns(opened):
    data = opened.file(0.1)
    for user in ("minji", "minji", "jun"):
        opened.send(user, opened.announce(user, data)["id"], data)
    taken = []
    for _ in range(3):
        with store.writing(opened.hackathon.database) as connection:
            taken.append(work.claim(connection, opened.at).sequence)

    assert [n - min(taken) for n in taken] == [0, 2, 1]


# --- the freeze


def test_every_way_to_see_others_is_frozen_and_ones_own_results_are_not(opened):
    opened.submit("minji", opened.file(0.3))
    opened.at = END - timedelta(minutes=30)  # the freeze begins
    mine = opened.submit("minji", opened.file(0.1))
    opened.submit("jun", opened.file(0.0))

    assert mine["state"] == "scored"
    assert opened.hackathon.submissions(MINJI, "small")[0]["public"] == mine["public"]
    boards = opened.hackathon.boards
    assert opened.board() == [(1, "team minji"), (None, "· half")]
    shown = boards.of("small")
    assert json.loads(shown.top)["rows"][0]["entries"] == 1
    assert shown.around("team jun") == []
    assert [row["team"] for row in shown.around("team minji")] == ["team minji", "· half"]
    etag = shown.etag
    opened.submit("jun", opened.file(0.05))
    opened.board()
    assert boards.of("small").etag == etag  # nor does anybody see that something came


def test_the_end_moved_during_the_freeze_lets_the_board_move_again(opened):
    opened.at = END - timedelta(minutes=10)
    opened.submit("jun", opened.file(0.0))
    assert opened.board() == [(None, "· half")]
    opened.organising.change(BOSS, "small", {"phases": phases(END + timedelta(hours=2))})

    assert opened.board() == [(1, "team jun"), (None, "· half")]


def test_nothing_private_is_told_before_publication(opened):
    opened.submit("minji", opened.file(0.1))

    assert opened.board(private=True) == []
    told = json.dumps(opened.hackathon.submissions(MINJI, "small")) + opened.hackathon.boards.of("small").top.decode()
    assert "private" not in told


# --- the end


def test_publication_waits_for_the_end_and_for_the_last_score(opened):
    data = opened.file(0.1)
    opened.at = END - MS
    opened.send("minji", opened.announce("minji", data)["id"], data)
    with pytest.raises(Conflict):
        opened.organising.publish(BOSS, "small")
    opened.at = END
    with pytest.raises(Conflict, match="1 are left"):
        opened.organising.publish(BOSS, "small")
    while opened.core.scoring.step():
        pass

    assert opened.organising.publish(BOSS, "small")["number"] == 1
    assert opened.board(private=True) == [(1, "team minji"), (None, "· half")]
    assert "private" in opened.hackathon.submissions(MINJI, "small")[0]


def test_a_winner_disqualified_after_publishing_leaves_both_snapshots(opened):
    opened.submit("minji", opened.file(0.0))
    opened.submit("jun", opened.file(0.1))
    opened.at = END
    first = opened.organising.publish(BOSS, "small")
    opened.organising.flag(BOSS, "small", flag="disqualified", raised=True, reason="copied", team="team minji")
    assert opened.board(private=True)[0] == (1, "team minji")  # what was published stands until it is published anew
    second = opened.organising.publish(BOSS, "small")

    assert opened.board(private=True) == [(1, "team jun"), (None, "· half")]
    with opened.hackathon.database.reading() as connection:
        kept = {row.number: row.sha256 for row in connection.execute(select(t.snapshots))}
        acts = connection.execute(select(t.audit.c.action).order_by(t.audit.c.id)).scalars().all()
    assert kept == {1: first["sha256"], 2: second["sha256"]}
    assert acts == ["open", "publish", "flag", "publish"]


def test_one_final_too_many_is_refused_at_the_click(opened):
    sent = [opened.submit("minji", opened.file(off))["id"] for off in (0.1, 0.2, 0.3)]
    for one in sent[:2]:
        assert opened.hackathon.select_final(MINJI, one, chosen=True)["flags"] == ["selected"]
    with pytest.raises(Conflict):
        opened.hackathon.select_final(MINJI, sent[2], chosen=True)
    opened.hackathon.select_final(MINJI, sent[0], chosen=False)
    opened.hackathon.select_final(MINJI, sent[2], chosen=True)
    with pytest.raises(NotFound):
        opened.hackathon.select_final(JUN, sent[2], chosen=True)
    opened.at = END
    with pytest.raises(Conflict):
        opened.hackathon.select_final(MINJI, sent[2], chosen=False)


# --- teams


def test_one_person_has_one_team_and_a_code_opens_one(opened):
    code = opened.hackathon.team(MINJI, "small")["code"]
    opened.hackathon.join_team(UserName("sora"), "small", f"{code[:4]} {code[4:].lower()}")
    assert opened.hackathon.team(UserName("sora"), "small")["members"] == ["minji", "sora"]
    for refused in (
        lambda: opened.hackathon.join_team(JUN, "small", code),
        lambda: opened.hackathon.create_team(JUN, "small", "another"),
        lambda: opened.hackathon.create_team(UserName("new"), "small", "team jun"),
    ):
        with pytest.raises(Conflict):
            refused()
    with pytest.raises(NotFound):
        opened.hackathon.join_team(UserName("new"), "small", "ABCDEFGH")
    with pytest.raises(InputError):
        opened.hackathon.create_team(UserName("new"), "small", "  ")


def test_a_team_that_is_too_small_may_not_submit_yet(world):
    world.open(team={"smallest": 2, "largest": 3})
    code = world.team("minji")
    with pytest.raises(NotAllowed, match="at least 2"):
        world.announce("minji", b"x")
    world.hackathon.join_team(JUN, "small", code)

    assert world.announce("minji", b"x")["state"] == "receiving"


def test_two_teams_become_one_with_all_that_both_have_sent(opened):
    opened.submit("minji", opened.file(0.3))
    opened.submit("jun", opened.file(0.1))
    code = opened.hackathon.team(JUN, "small")["code"]
    opened.hackathon.merge_teams(MINJI, "small", code)

    assert opened.hackathon.team(JUN, "small")["name"] == "team minji"
    assert len(opened.hackathon.submissions(JUN, "small")) == 2
    assert opened.hackathon.submissions(JUN, "small")[0]["remaining"] == 3
    assert opened.board()[0] == (1, "team minji")
    with pytest.raises(NotAllowed):
        opened.hackathon.merge_teams(JUN, "small", code)


def test_a_merge_that_would_make_too_many_attempts_is_refused(opened):
    for user in ("minji", "jun"):
        for off in (0.1, 0.2, 0.3):
            opened.submit(user, opened.file(off))

    with pytest.raises(Conflict, match="6 times"):
        opened.hackathon.merge_teams(MINJI, "small", opened.hackathon.team(JUN, "small")["code"])


# --- organisers


def test_what_decides_scores_cannot_be_changed(opened):
    with pytest.raises(InputError, match="metric cannot be changed"):
        opened.organising.change(BOSS, "small", {"metric": {}})
    with pytest.raises(InputError, match="starts before it ends"):
        opened.organising.change(BOSS, "small", {"phases": phases(START)})
    with pytest.raises(Conflict):
        opened.organising.open(BOSS, "small", {})
    with pytest.raises(InputError):
        opened.organising.flag(BOSS, "small", flag="disqualified", raised=True, reason=" ", team="team jun")


def test_received_is_what_ended_and_what_is_under_way(opened):
    opened.submit("minji", opened.file())
    opened.submit("minji", b"x")
    opened.announce("minji", b"y")

    assert opened.organising.queue("small") == {"scored": 2, "invalid": 1, "receiving": 1}
    opened.move(hours=1)
    assert opened.organising.queue("small")["overdue"] == 1


def test_the_board_of_the_best_rows_is_the_board_of_all(opened):
    """Also with equal scores, with what is hidden, and with a freeze."""
    for user, off in [("minji", 0.3), ("jun", 0.1), ("minji", 0.1), ("minji", 0.1001), ("jun", 0.2), ("jun", 0.0)]:
        opened.submit(user, opened.file(off))
        opened.move(minutes=1)
    with opened.hackathon.database.reading() as connection:
        last = connection.execute(
            select(t.submissions.c.id).order_by(t.submissions.c.sequence.desc()).limit(1)
        ).scalar()
    opened.organising.flag(BOSS, "small", flag="hidden", raised=True, reason="a mistake", submission=last)
    for as_of in (None, START + timedelta(minutes=2), START + timedelta(minutes=4)):
        with opened.hackathon.database.reading() as connection:
            event = store.find_event(connection, "small")
            best, numbers = store.best_entries(connection, event, as_of)
            every = ranking.public_board(store.entries(connection, event), event.order, as_of=as_of)
        found = [
            replace(row, entries=numbers[row.team]) for row in ranking.public_board(best, event.order, as_of=as_of)
        ]

        assert found == every
        assert len(every) > 1
