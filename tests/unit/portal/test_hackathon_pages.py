"""What the hackathon's pages draw and say: phases, a team's own scores, the bars of a board, rules, text."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bitgoeul.hackathon.loading import load_challenge
from bitgoeul.hackathon.model import Quota, Team
from bitgoeul.hackathon.ranking import Row
from bitgoeul.hackathon.store import Event
from bitgoeul.portal.hackathon import words
from bitgoeul.portal.hackathon.chart import chart
from bitgoeul.portal.hackathon.phases import WIDTH, picture
from bitgoeul.portal.hackathon.prose import html
from bitgoeul.portal.hackathon.standing import lines_of, plain, sifted
from bitgoeul.wire import stamp

ROOT = Path(__file__).parents[3]
START = datetime.fromisoformat("2026-12-05T09:00:00+09:00")
END = datetime.fromisoformat("2026-12-05T21:00:00+09:00")


@pytest.fixture(scope="module")
def event():
    record = load_challenge(ROOT / "tests/samples/challenges/small").record
    return Event("small", record, "1", "", {}, 2, 2, 1, 0, 1, 0)


def changed(event, **values):
    return replace(event, record=event.record.model_copy(update=values))


def row(team, score, error="0.1", rank=1):
    return Row(rank, team, Decimal(score), 1, START, 1, Decimal(error) if error else None)


@pytest.mark.parametrize(
    ("moved", "standing", "now"),
    [
        (timedelta(microseconds=-1), "coming", None),
        (timedelta(0), "open", 0.0),
        (timedelta(hours=6), "open", WIDTH / 2),
        (timedelta(hours=12), "past", None),
    ],
)
def test_the_picture_of_time_is_half_open_as_the_deadline_is(event, moved, standing, now):
    found = picture(event, START + moved)

    assert (found.standing, found.now) == (standing, now)


def test_between_two_phases_nothing_is_open(event):
    first, later = event.record.phases[0], START + timedelta(hours=4)
    half = first.model_copy(update={"end": later})
    second = first.model_copy(update={"name": "second", "start": later + timedelta(hours=2)})
    found = picture(changed(event, phases=(half, second)), later + timedelta(hours=1))

    assert found.standing == "between"
    assert [span.standing for span in found.spans] == ["past", "coming"]
    assert found.spans[1].left == pytest.approx(WIDTH / 2)


def test_the_frost_moves_with_the_end(event):
    found = picture(event, START)

    assert found.freezes_at == END - timedelta(minutes=30)
    assert picture(changed(event, freeze_minutes=0), START).frozen is None


def submission(number, score, **more):
    made = {"sequence": number, "received_at": stamp(START + timedelta(minutes=number)), **more}
    return made | ({"public": score} if score else {})


@pytest.mark.parametrize(("better", "leads"), [("higher", [True, False, True]), ("lower", [True, True, False])])
def test_the_chart_knows_which_way_is_better(better, leads):
    found = chart([submission(3, "0.9"), submission(2, "0.4"), submission(1, "0.5")], better)

    assert [point.best for point in found.points] == leads
    assert found.points[0].y > found.points[2].y  # more lies higher, whatever is better
    assert str(found.best.score) == ("0.9" if better == "higher" else "0.4")


def test_without_a_score_there_is_no_chart():
    assert chart([submission(1, None)], "higher") is None
    assert chart([submission(1, "-3")], "higher").ticks[0][1] == "-3"


def test_error_bars_stay_inside_the_picture_and_in_order():
    lines = lines_of([row("a", "3", "1"), row("b", "1", "0.5"), row("c", "2", None)])

    assert min(line.left for line in lines) == 0
    assert max(line.right for line in lines) == 100
    assert all(line.left <= line.middle <= line.right for line in lines)
    assert lines_of([row("a", "3", None)])[0].middle == 50


def test_a_search_forgives_case_and_blanks_and_keeps_ranks():
    rows = [row("Team Attention", "3", rank=1), row("무등산 데이터단", "2", rank=2), row("무등산", "1", rank=3)]
    found, count = sifted(rows, words="무등 산", teams=None, most=1)

    assert ([one.rank for one in found], count) == ([2], 2)
    assert sifted(rows, words="team  ATT", teams={"무등산"}, most=9) == ([], 0)
    assert plain("ﾃx 가") == plain("ﾃX가")


def test_rules_are_told_as_the_challenge_has_them(event):
    strict = changed(
        event, team=Team(smallest=3, largest=5, closes_minutes=240), quota=Quota(scored=5, hours=4), tie="shared"
    )
    told = {name.en: (sentence.ko, sentence.en) for name, sentence in words.rules_of(strict)}

    assert "3~5명" in told["Team"][0]
    assert "4시간 전" in told["Team"][0]
    assert "5 every 4 hours" in told["Attempts"][1]
    assert "share a rank" in told["Ties"][1]
    assert "2 decimals" in told["Score"][1]
    assert "30 minutes before the end" in told["Freeze"][1]
    assert "never stands still" in {n.en: s.en for n, s in words.rules_of(changed(event, freeze_minutes=0))}["Freeze"]


def test_a_text_brings_nothing_that_runs_or_loads():
    found = html(
        "# big\n\n- `a` **b**\n\n<script>alert(1)</script><img src=x onerror=y>\n\n[c](javascript:alert(1)) [d](https://x.y)"
    )

    assert "<li><code>a</code> <strong>b</strong></li>" in found
    assert not any(part in found for part in ("<script", "<img", "javascript:", "<h1"))
    assert 'href="https://x.y"' in found


def test_every_state_of_a_submission_has_words():
    from bitgoeul.hackathon.rules import NEXT

    assert set(NEXT) <= set(words.STATES)
