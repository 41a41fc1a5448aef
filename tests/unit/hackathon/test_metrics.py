"""Every built-in metric is scikit-learn's (or scipy's) on random inputs, with weights, groups and columns."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from bitgoeul.hackathon import retrieval
from bitgoeul.hackathon.classification import EPSILON
from bitgoeul.hackathon.metrics import METRICS, Options, Problem, Undefined, score, value

MANY = settings(max_examples=60, deadline=None)


@st.composite
def drawn(draw, classes=None):
    """A generator of numbers, a size, classes, and weights, some of them far from 1."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 60))
    k = classes or draw(st.integers(2, 5))
    weight = draw(st.sampled_from([np.ones(n), rng.uniform(0.1, 5.0, n), rng.integers(1, 4, n).astype(float)]))
    return rng, n, k, weight


def of(name, truth, guess, weight, *, k=0, **options):
    problem = Problem(METRICS[name], (truth,), weight, classes=k, options=Options(**options))
    return value(problem, (guess,))


def theirs(function, *args, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **more)


@MANY
@given(drawn())
def test_label_metrics(case):
    rng, n, k, weight = case
    truth, guess = rng.integers(0, k, n), rng.integers(0, k, n)
    weigh = {"sample_weight": weight}

    assert of("accuracy", truth, guess, weight) == pytest.approx(sk.accuracy_score(truth, guess, **weigh))
    expected = theirs(sk.balanced_accuracy_score, truth, guess, **weigh)
    assert of("balanced-accuracy", truth, guess, weight, k=k) == pytest.approx(expected)
    assert of("mcc", truth, guess, weight, k=k) == pytest.approx(
        theirs(sk.matthews_corrcoef, truth, guess, **weigh), abs=1e-9
    )
    for average in ("macro", "micro", "weighted"):
        for beta in (1.0, 0.5, 2.0):
            expected = theirs(sk.fbeta_score, truth, guess, beta=beta, average=average, zero_division=0, **weigh)
            found = of("f-beta", truth, guess, weight, k=k, average=average, beta=beta)
            assert found == pytest.approx(expected), (average, beta)
    if len(set(truth)) > 1:
        expected = sk.cohen_kappa_score(truth, guess, weights="quadratic", labels=range(k), **weigh)
        assert of("quadratic-kappa", truth, guess, weight, k=k) == pytest.approx(expected)


@MANY
@given(drawn(classes=2))
def test_binary_metrics(case):
    rng, n, _k, weight = case
    truth, guess = rng.integers(0, 2, n), rng.integers(0, 2, n)
    chance = rng.choice([rng.random(n), rng.integers(0, 4, n) / 3.0])  # the second has ties
    weigh = {"sample_weight": weight}

    expected = theirs(sk.f1_score, truth, guess, zero_division=0, **weigh)
    assert of("f1", truth, guess, weight, k=2, average="binary") == pytest.approx(expected)
    expected = theirs(sk.log_loss, truth, chance, labels=[0, 1], **weigh)
    assert of("log-loss", truth, chance, weight, k=2, epsilon=EPSILON) == pytest.approx(expected)
    expected = theirs(sk.brier_score_loss, truth, chance, labels=[0, 1], **weigh)
    assert of("brier", truth, chance, weight, k=2) == pytest.approx(expected)
    if 0 < truth.sum() < n:
        assert of("auc", truth, chance, weight, k=2) == pytest.approx(sk.roc_auc_score(truth, chance, **weigh))
        expected = sk.average_precision_score(truth, chance, **weigh)
        assert of("average-precision", truth, chance, weight, k=2) == pytest.approx(expected)


@MANY
@given(drawn())
def test_probabilities_of_many_classes(case):
    rng, n, k, weight = case
    k = max(3, k)
    truth = np.r_[np.arange(k), rng.integers(0, k, n)]
    weight = np.r_[np.ones(k), weight]
    chance = rng.dirichlet(np.ones(k), n + k)
    weigh = {"labels": range(k), "sample_weight": weight}

    expected = sk.log_loss(truth, chance, **weigh)
    assert of("log-loss", truth, chance, weight, k=k, epsilon=EPSILON) == pytest.approx(expected)
    assert of("brier", truth, chance, weight, k=k) == pytest.approx(sk.brier_score_loss(truth, chance, **weigh))
    expected = sk.roc_auc_score(truth, chance, multi_class="ovr", average="macro", **weigh)
    assert of("auc", truth, chance, weight, k=k) == pytest.approx(expected)


@MANY
@given(drawn(), st.sampled_from([1e-6, 1.0, 1e6]))
def test_number_metrics(case, scale):
    rng, n, _, weight = case
    truth, guess = rng.gamma(2.0, scale, n), rng.gamma(2.0, scale, n)
    weigh = {"sample_weight": weight}
    table = {
        "mae": sk.mean_absolute_error,
        "mse": sk.mean_squared_error,
        "rmse": sk.root_mean_squared_error,
        "rmsle": sk.root_mean_squared_log_error,
        "mape": sk.mean_absolute_percentage_error,
        "r2": sk.r2_score,
    }
    for name, function in table.items():
        assert of(name, truth, guess, weight) == pytest.approx(function(truth, guess, **weigh), rel=1e-9), name
    for quantile in (0.1, 0.5, 0.9):
        expected = sk.mean_pinball_loss(truth, guess, alpha=quantile, **weigh)
        assert of("pinball", truth, guess, weight, quantile=quantile) == pytest.approx(expected)


@MANY
@given(drawn())
def test_correlations(case):
    rng, n, _, weight = case
    truth, guess = rng.normal(size=n), np.round(rng.normal(size=n), 1)
    even = np.ones(n)
    if np.ptp(guess) == 0:
        assert of("pearson", truth, guess, even) == 0.0
        return
    assert of("pearson", truth, guess, even) == pytest.approx(stats.pearsonr(truth, guess)[0], abs=1e-9)
    assert of("spearman", truth, guess, even) == pytest.approx(stats.spearmanr(truth, guess)[0], abs=1e-9)
    table = np.cov(truth, guess, aweights=weight, ddof=0)
    assert of("pearson", truth, guess, weight) == pytest.approx(table[0, 1] / np.sqrt(table[0, 0] * table[1, 1]))


@MANY
@given(drawn(), st.integers(1, 8))
def test_ranked_items_are_sklearns_gain(case, k):
    rng, n, _, weight = case
    items = 12
    wanted = rng.integers(0, 2, (n, items))
    wanted[np.arange(n), rng.integers(0, items, n)] = 1
    order = np.array([rng.permutation(items) for _ in range(n)])
    scores = np.zeros((n, items))
    for place in range(k):
        scores[np.arange(n), order[:, place]] = items - place
    truth = np.array([" ".join(map(str, np.nonzero(row)[0])) for row in wanted], object)
    guess = np.array([" ".join(map(str, row[:k])) for row in order], object)

    expected = sk.ndcg_score(wanted, scores, k=k, sample_weight=weight, ignore_ties=True)
    found = value(Problem(METRICS["ndcg-at-k"], (truth,), weight, options=Options(k=k)), (guess,))
    assert found == pytest.approx(expected)


def test_average_precision_and_reciprocal_rank_by_hand():
    truth, guess = ["1 2 3", "7"], ["1 9 2 1 3", "8 7"]

    assert retrieval.average_precisions(truth, guess, k=3).tolist() == pytest.approx([(1 + 2 / 3) / 3, 1 / 2])
    assert retrieval.average_precisions(truth, guess, k=5).tolist() == pytest.approx([(1 + 2 / 3 + 3 / 4) / 3, 1 / 2])
    assert retrieval.reciprocal_ranks(truth, guess, k=1).tolist() == [1.0, 0.0]


def coded(bits):
    edges = np.flatnonzero(np.diff(np.r_[0, bits, 0]))
    return " ".join(f"{start + 1} {end - start}" for start, end in zip(edges[::2], edges[1::2], strict=True))


@MANY
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40))
def test_masks_are_sklearns_f1_and_jaccard(pairs):
    truth, guess = np.array(pairs).T
    found = retrieval.dice([coded(truth)], [coded(guess)])[0], retrieval.iou([coded(truth)], [coded(guess)])[0]

    assert found[0] == pytest.approx(sk.f1_score(truth, guess, zero_division=1))
    assert found[1] == pytest.approx(sk.jaccard_score(truth, guess, zero_division=1))


@pytest.mark.parametrize("mask", ["1", "0 3", "1 0", "5 2 3 1", "1 3 2 2", "a b", "1 2 x", "-1 2", "1.5 2", "٣ 1"])
def test_a_mask_that_is_none_is_refused(mask):
    with pytest.raises(ValueError):
        retrieval.runs(mask)


@MANY
@given(st.text("ab한", max_size=12), st.text("ab한", max_size=12))
def test_levenshtein_is_the_textbooks(one, other):
    table = [[i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            )

    assert retrieval.levenshtein([one], [other])[0] == table[-1][-1]


def test_words_and_composed_hangul():
    decomposed = "\u1112\u1161\u11ab\u1100\u1173\u11af"  # as a Mac writes it

    assert retrieval.exact(["한글"], [decomposed])[0] == 1.0
    assert retrieval.levenshtein(["한글"], [decomposed])[0] == 0.0
    assert retrieval.token_f1(["a a b", "", "a"], ["a b c", "", ""]).tolist() == pytest.approx([2 / 3, 1.0, 0.0])


@MANY
@given(drawn())
def test_groups_average_each_groups_own_score(case):
    rng, n, _, weight = case
    truth, guess, groups = rng.normal(size=n), rng.normal(size=n), rng.integers(0, 3, n)
    problem = Problem(METRICS["rmse"], (truth,), weight, groups)
    parts = [groups == group for group in sorted(set(groups))]
    expected = np.mean([sk.root_mean_squared_error(truth[p], guess[p], sample_weight=weight[p]) for p in parts])

    assert value(problem, (guess,)) == pytest.approx(expected)


@MANY
@given(drawn())
def test_columns_are_averaged(case):
    rng, n, _, weight = case
    truth, guess = rng.normal(size=(n, 2)), rng.normal(size=(n, 2))
    problem = Problem(METRICS["rmse"], tuple(truth.T), weight)

    expected = sk.root_mean_squared_error(truth, guess, sample_weight=weight)
    assert value(problem, tuple(guess.T)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "truth", "k"),
    [
        ("auc", np.array([1, 1]), 2),
        ("average-precision", np.array([0, 0]), 2),
        ("r2", np.array([3.0, 3.0]), 0),
        ("pearson", np.array([3.0, 3.0]), 0),
        ("spearman", np.array([3.0, 3.0]), 0),
        ("map-at-k", np.array(["", "a"], object), 0),
        ("mae", np.array([]), 0),
    ],
)
def test_what_is_not_defined_is_said(name, truth, k):
    guess = np.array(["a", "b"], object) if name == "map-at-k" else np.arange(len(truth)) / 2.0

    with pytest.raises(Undefined):
        of(name, truth, guess, np.ones(len(truth)), k=k)


def test_a_negative_zero_is_zero():
    found = of("mcc", np.array([0, 1, 0, 1]), np.array([0, 0, 0, 0]), np.ones(4), k=2)

    assert str(found) == "0.0"


@pytest.mark.parametrize("name", ["mae", "accuracy", "auc", "rmse", "f1"])
def test_the_error_is_what_new_rows_would_show(name):
    """Over 60 fresh splits the scores spread as the standard error of one says."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(60):
        truth = rng.integers(0, 2, 400)
        chance = np.clip(0.3 * truth + rng.random(400) * 0.7, 0, 1)
        guess = {"accuracy": chance > 0.5, "f1": chance > 0.5}.get(name, chance)
        guess = guess.astype(int) if name in ("accuracy", "f1") else guess
        truth = truth.astype(float) if name in ("mae", "rmse") else truth
        found.append(score(Problem(METRICS[name], (truth,), np.ones(400), classes=2), (guess,)))
    spread = np.std([one.value for one in found], ddof=1)

    assert np.mean([one.error for one in found]) == pytest.approx(spread, rel=0.35)


def test_every_metric_of_the_list_is_there():
    assert len(METRICS) == 28
    assert all((metric.rows is None) != (metric.whole is None) for metric in METRICS.values())
