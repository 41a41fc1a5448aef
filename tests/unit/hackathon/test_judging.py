"""Judges' marks and who gives them: properties that hold for any panel."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import trim_mean

from bitgoeul.errors import InputError
from bitgoeul.hackathon import judging
from bitgoeul.hackathon.assigning import TooFewJudges, assign, wanting
from bitgoeul.hackathon.model import Criterion, Judging
from bitgoeul.hackathon.ranking import Row

AT = datetime.fromisoformat("2026-12-05T09:00:00+09:00")
NAMES = {"ko": "가", "en": "a"}
CRITERIA = tuple(
    Criterion.model_validate({"name": name, "title": NAMES, "weight": weight})
    for name, weight in (("creativity", 15), ("data", 10), ("completeness", 15.5))
)
SHEET = st.fixed_dictionaries({c.name: st.integers(0, 20).map(lambda n: n / 2) for c in CRITERIA})
PARTS = st.lists(st.fractions(0, 1), min_size=1, max_size=30)
TRIMS = st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.49])


def rules_of(**more):
    return Judging.model_validate({"share": 0.5, "criteria": CRITERIA, **more})


def row(rank, team, score):
    return Row(rank, team, Decimal(score), rank or 99, AT)


# --- marks ------------------------------------------------------------------------------------------------------------


@given(PARTS, TRIMS)
def test_a_trimmed_mean_is_scipys_and_lies_between_the_values(values, trim):
    found = judging.trimmed_mean(values, trim)

    assert min(values) <= found <= max(values)
    assert float(found) == pytest.approx(trim_mean([float(v) for v in values], trim), abs=1e-9)


@given(st.lists(SHEET, min_size=1, max_size=9), st.randoms(use_true_random=False), TRIMS)
def test_the_order_of_marks_does_not_matter(sheets, draw, trim):
    rules, shuffled = rules_of(trim=trim), draw.sample(sheets, len(sheets))

    assert judging.judged_points(rules, shuffled) == judging.judged_points(rules, sheets)


@given(st.lists(SHEET, min_size=5, max_size=9), st.integers(0, 8))
def test_one_judge_alone_moves_a_team_no_further_than_the_others_allow(sheets, which):
    """With a fifth cut, a judge who gives 0 or 10 everywhere cannot carry the result out of the others' range."""
    which %= len(sheets)
    others = [judging.sheet_points(CRITERIA, sheet) for n, sheet in enumerate(sheets) if n != which]
    for mark in (0.0, 10.0):
        sheets[which] = dict.fromkeys(sheets[which], mark)
        assert min(others) <= judging.judged_points(rules_of(trim=0.2), sheets) <= max(others)


def test_a_sheet_with_a_gap_does_not_count_and_a_team_without_sheets_has_nothing():
    full = {c.name: 10.0 for c in CRITERIA}

    assert judging.judged_points(rules_of(), [full, {"creativity": 0.0}]) == 1
    assert judging.judged_points(rules_of(), []) == 0


def test_a_mark_counts_by_the_weight_of_its_criterion():
    marks = {"creativity": 10.0, "data": 0.0, "completeness": 0.0}

    assert judging.sheet_points(CRITERIA, marks) == Fraction(15) / Fraction(81, 2)


@pytest.mark.parametrize("text", ["0", "10", "7.5", " 3 ", "3.0"])
def test_marks_that_there_are(text):
    assert judging.check_mark(text) == float(text)


@pytest.mark.parametrize("text", ["", "-1", "10.5", "7.25", "nan", "inf", "1e400", "1/0", "١٠٠", "=1", "7" * 500])
def test_marks_that_there_are_not(text):
    with pytest.raises(InputError, match="in halves"):
        judging.check_mark(text)


# --- the mix ----------------------------------------------------------------------------------------------------------

SCORES = st.lists(st.decimals(-5, 5, places=3), min_size=1, max_size=20)


@given(
    SCORES,
    st.sampled_from(["higher", "lower"]),
    st.sampled_from(["rank", "range", "top"]),
    st.sampled_from([0.5, 1.0, 3.0]),
)
def test_points_for_scores_lie_in_0_to_1_the_best_has_1_and_better_is_never_less(scores, better, mix, power):
    found = judging.metric_points(scores, better, mix, power)
    best = max(scores) if better == "higher" else min(scores)

    assert all(0 <= part <= 1 for part in found)
    assert all(part == 1 for score, part in zip(scores, found, strict=True) if score == best)
    ordered = sorted(zip(scores, found, strict=True), key=lambda pair: pair[0], reverse=better == "higher")
    assert [part for _, part in ordered] == sorted(found, reverse=True)


def test_each_mix_by_hand():
    higher, lower = [Decimal("0.8"), Decimal("0.4"), Decimal("0.4")], [Decimal("0.02"), Decimal("0.05")]

    assert judging.metric_points(higher, "higher", "rank", 1) == [1, Fraction(2, 3), Fraction(2, 3)]
    assert judging.metric_points(higher, "higher", "top", 2)[1] == Fraction(1, 4)
    assert judging.metric_points(lower, "lower", "top", 1) == [1, Fraction(0.4)]
    assert judging.metric_points([*higher, Decimal("0.5")], "higher", "range", 1)[3] == Fraction(1, 4)
    assert judging.metric_points([Decimal("0.5"), Decimal("-0.5")], "higher", "top", 2) == [1, 0]


def test_judges_can_turn_the_order_and_an_equal_total_goes_to_the_better_score():
    board = [row(1, "a", "0.9"), row(2, "b", "0.8"), row(None, "· base", "0.7"), row(3, "c", "0.6")]
    rules = rules_of(mix="rank", share=0.5)
    found = judging.mixed(board, "higher", rules, {"b": Fraction(1), "a": Fraction(2, 3)})

    assert [(m.row.rank, m.row.team, str(m.total)) for m in found] == [
        (1, "a", "83.33"),
        (2, "b", "83.33"),
        (3, "c", "16.67"),
        (None, "· base", "None"),
    ]
    found = judging.mixed(board, "higher", rules, {"b": Fraction(1)})
    assert [m.row.team for m in found] == ["b", "a", "c", "· base"]
    assert found[0].plain() == {"metric_points": "66.67", "judged": "100.00", "total": "83.33"}


@given(st.lists(st.fractions(0, 1), min_size=3, max_size=3))
def test_with_no_share_the_board_stays_as_it_was(parts):
    board = [row(1, "a", "0.9"), row(2, "b", "0.8"), row(3, "c", "0.6")]
    judged = dict(zip("abc", parts, strict=True))

    assert [m.row for m in judging.mixed(board, "higher", Judging(), judged)] == board


# --- who judges whom --------------------------------------------------------------------------------------------------


@st.composite
def panels(draw):
    teams = {number: f"team {number}" for number in range(draw(st.integers(0, 12)))}
    judges = [f"judge{n}" for n in range(draw(st.integers(3, 8)))]
    some = st.tuples(st.sampled_from(judges), st.sampled_from([*teams, 99]))
    barred = dict.fromkeys(draw(st.lists(some, max_size=15)), "own team")
    return teams, judges, barred, draw(st.integers(0, 2**32)), draw(st.lists(some, max_size=6))


@given(panels())
def test_every_team_has_its_judges_and_nobody_judges_where_he_has_a_conflict(panel):
    teams, judges, barred, seed, kept = panel
    if wanting(teams, judges, barred, 3):
        with pytest.raises(TooFewJudges):
            assign(teams, judges, barred, each=3, seed=seed)
        return
    found = assign(teams, judges, barred, each=3, seed=seed, kept=kept)

    assert found.keys() == teams.keys()
    pairs = {(judge, team) for team, some in found.items() for judge in some}
    assert all(len(set(some)) >= 3 for some in found.values())
    assert not pairs & barred.keys()
    assert {p for p in kept if p[1] in teams and p not in barred} <= pairs
    again = assign(dict(reversed(teams.items())), judges[::-1], barred, each=3, seed=seed, kept=kept[::-1])
    assert again == found


@given(panels())
def test_without_conflicts_nobody_has_more_than_one_team_more_than_another(panel):
    teams, judges, _, seed, _ = panel
    found = assign(teams, judges, {}, each=3, seed=seed)
    loads = [sum(judge in some for some in found.values()) for judge in judges]

    assert max(loads) - min(loads) <= 1
    assert sum(loads) == 3 * len(teams)


@given(panels())
def test_no_single_hand_over_would_make_it_more_even(panel):
    teams, judges, barred, seed, _ = panel
    if wanting(teams, judges, barred, 3):
        return
    found = assign(teams, judges, barred, each=3, seed=seed)
    load = {judge: sum(judge in some for some in found.values()) for judge in judges}
    for team, some in found.items():
        for giver in some:
            takers = [j for j in judges if j not in some and (j, team) not in barred]
            assert all(load[taker] >= load[giver] - 1 for taker in takers)


def test_work_moves_along_a_chain_when_no_direct_hand_over_helps():
    """a and b may take anything of 0..3 but c only team 0: fairness has to go through chains; and the seed changes who."""
    teams = {n: str(n) for n in range(4)}
    judges = ["a", "b", "c", "d", "e"]
    barred = {("c", n): "declared" for n in (1, 2, 3)} | {("d", 0): "declared"}
    results = {str(assign(teams, judges, barred, each=3, seed=seed)) for seed in range(10)}

    assert len(results) > 1
    for seed in range(10):
        found = assign(teams, judges, barred, each=3, seed=seed)
        assert "c" in found[0]
        assert max(sum(j in some for some in found.values()) for j in judges) == 3


def test_who_is_missing_is_said():
    teams, judges = {1: "빛고을", 2: "무등"}, ["ann", "bob", "eve"]
    with pytest.raises(TooFewJudges) as told:
        assign(teams, judges, {("eve", 2): "own team"}, each=3, seed=1)

    assert "무등" in told.value.text.en
    assert "eve (own team)" in told.value.text.en
    assert "빛고을" not in told.value.text.en
