"""Judges "Leak-free pipelines" on drivers and homes made anew for each submission.

The student's process gets no answer that is to be predicted: models are trained and asked there, scores are
computed here. Thresholds were calibrated with the solution and all friends; see the teacher's guide.
"""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from bitgoeul.errors import Text

FILES = Path(__file__).parents[3] / "curriculum/academy/machine-learning/02-leak-free-pipeline/files"
driving = SimpleNamespace(**runpy.run_path(str(FILES / "driving.py")))
household = SimpleNamespace(**runpy.run_path(str(FILES / "household.py")))
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)


def drivers(student, n, split="train"):
    return driving.make(student.random.randrange(1 << 40), n, split)


def train_and_new(student, n_train, n_new):
    seed = student.random.randrange(1 << 40)
    return driving.make(seed, n_train, "train"), driving.make(seed, n_new, "hidden")


def mixed(student, table):
    return table.iloc[student.rng.permutation(len(table))]


def auc(y, p):
    y, ranks = np.asarray(y), pd.Series(np.asarray(p, dtype=float)).rank().to_numpy()
    n = y.sum()
    return float((ranks[y == 1].sum() - n * (n + 1) / 2) / (n * (len(y) - n)))


def positions(found):
    """Two or more sets of positions as sorted lists."""
    return [sorted(map(int, part)) for part in found]


def numbers(values, count, message):
    values = np.asarray(values, dtype=float)
    assert values.shape == (count,), message
    return values


def check(student, points):
    check_split(student, points)
    check_cv_drivers(student, points)
    check_cv_untouched(student, points)
    check_cv_seed(student, points)
    check_model(student, points)
    check_model_units(student, points)
    check_scores(student, points)
    check_lags(student, points)
    check_lags_of_homes(student, points)
    check_lags_with_gaps(student, points)
    check_folds(student, points)
    check_folds_gap(student, points)
    check_forecaster(student, points)
    check_forecaster_future(student, points)
    check_forecaster_later(student, points)


def split(student, names, share, seed):
    answer = student.call("split_by_driver", names, share, seed)
    assert isinstance(answer, tuple | list) and len(answer) == 2, Text(
        "(훈련 위치, 시험 위치)를 돌려주어야 합니다", "it must return (train positions, test positions)"
    )
    return positions(answer)


SAME_SEED = Text("같은 seed인데 결과가 다릅니다", "the same seed gave another result")
SAME_DRIVER = Text("훈련과 시험에 같은 운전자가 있습니다", "a driver is in training and in the test")


def check_split(student, points):
    with points("split-disjoint", message=SAME_DRIVER):
        for seed in range(8):
            names = np.array([f"d{k}" for k in range(20)])
            rows = pd.Series(np.concatenate([names, student.rng.choice(names, 130)]))
            rows = mixed(student, rows)
            train, test = split(student, rows, 0.25, seed)
            assert sorted(train + test) == list(range(150)), Text(
                "위치가 빠지거나 겹칩니다. 인덱스의 이름표가 아니라 위치를 돌려주어야 합니다",
                "positions are missing or doubled; return positions, not index labels",
            )
            assert not set(rows.iloc[train]) & set(rows.iloc[test]), SAME_DRIVER
    with points(
        "split-share",
        message={
            "ko": "비율은 행이 아니라 운전자의 수에 대한 것입니다. 적어도 한 명은 뽑습니다",
            "en": "the share counts drivers, not rows; at least one is drawn",
        },
    ):
        for seed in range(6):
            sizes = student.rng.permutation([1, 90, 2, 3, 70, 1, 1, 2, 5, 40, 3, 2])
            rows = pd.Series(np.repeat([f"d{k}" for k in range(12)], sizes))
            for share, count in ((0.25, 3), (0.5, 6), (0.01, 1)):
                train, test = split(student, rows, share, seed)
                assert rows.iloc[test].nunique() == count
                assert train, Text("훈련에 아무도 남지 않았습니다", "nobody is left for training")
    with points("split-seed", message=SAME_SEED):
        rows = pd.Series(student.rng.permutation(np.repeat(np.arange(40), 4)))
        first = student.random.randrange(1000)
        found = [tuple(split(student, rows, 0.25, seed)[1]) for seed in range(first, first + 30)]
        student.run("import numpy as np\nnp.random.seed(7)")
        assert found[:5] == [tuple(split(student, rows, 0.25, seed)[1]) for seed in range(first, first + 5)]
        assert len(set(found)) > 25, Text(
            "seed를 바꾸어도 나누는 방식이 거의 그대로입니다", "other seeds give nearly the same splits"
        )
        often = np.mean([np.isin(np.arange(40), rows.iloc[list(test)]) for test in found], axis=0)
        assert often.max() < 0.75, Text(
            "어떤 운전자는 거의 언제나 뽑힙니다. 무작위로 뽑아야 합니다",
            "some drivers are drawn nearly always; draw at random",
        )


# It writes down what it is given, and says what one column says: so the AUC of a group is known beforehand.
WITNESS = """
import numpy as np, pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

class _Witness(ClassifierMixin, BaseEstimator):
    log = []

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        _Witness.log.append(("fit", X, np.asarray(y)))
        return self

    def predict_proba(self, X):
        _Witness.log.append(("score", X, None))
        known = isinstance(X, pd.DataFrame) and "ax_std" in X
        p = 1 / (1 + np.exp(-X["ax_std"].to_numpy(dtype=float))) if known else np.full(len(X), 0.5)
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)

def _witness(X, y, drivers, n_folds, seed):
    _Witness.log, model = [], _Witness()
    scores = driver_cv(model, X, y, drivers, n_folds, seed)
    return [np.asarray(scores), _Witness.log, hasattr(model, "classes_")]
"""


def witnessed(student, table, n_folds, seed):
    """What a witness saw: the scores, (what, X, y) of each step, and whether the model handed over was fitted."""
    X, y = table[driving.FEATURES], table["risky"]
    seen = student.observe("_witness", X, y, table["driver"], n_folds, seed)
    scores, log, fitted = seen.answer
    return numbers(scores, n_folds, FOLDS), log, fitted, seen.arguments


FOLDS = Text("무리마다 AUC가 하나씩 나와야 합니다", "there must be one AUC for each group")


def check_cv_drivers(student, points):
    with points(
        "cv-drivers",
        message={
            "ko": "시험을 보는 운전자가 훈련에도 있습니다",
            "en": "a driver under test is also in training",
        },
    ):
        table = mixed(student, drivers(student, 24))
        student.run(WITNESS)
        scores, log, _, _ = witnessed(student, table, 6, student.random.randrange(1000))
        rounds = rounds_of(log, {value: place for place, value in enumerate(table["ax_std"])})
        names = table["driver"].to_numpy()
        tested = [set(names[test]) for _, test in rounds]
        assert len(rounds) == 6 and all(tested), Text(
            "무리마다 한 번씩, 원래 표의 행으로 시험을 보아야 합니다",
            "each group must be tested once, on rows of the original table",
        )
        assert sum(map(len, tested)) == 24 and set().union(*tested) == set(names), Text(
            "운전자마다 정확히 한 번 시험을 보아야 합니다", "each driver must be tested exactly once"
        )
        assert all(not set(names[train]) & group for (train, _), group in zip(rounds, tested, strict=True))
        assert all(len(train) + len(test) == len(table) for train, test in rounds), Text(
            "나머지 운전자의 행을 모두 훈련에 써야 합니다", "all rows of the other drivers must be used for training"
        )
        expected = [auc(table["risky"].iloc[test], table["ax_std"].iloc[test]) for _, test in rounds]
        assert np.allclose(np.sort(scores), np.sort(expected)), Text(
            "돌려준 값이 그 무리의 AUC가 아닙니다", "what is returned is not the AUC of that group"
        )


def rounds_of(log, place_of):
    """The (train, test) positions of each scoring; rows that are none of the table's are left out."""
    rounds, trained = [], []
    for what, X, _ in log:
        known = isinstance(X, pd.DataFrame) and "ax_std" in X
        rows = [place_of[value] for value in X["ax_std"] if value in place_of] if known else []
        if what == "fit":
            trained = rows
        else:
            rounds.append((trained, rows))
    return rounds


def check_cv_untouched(student, points):
    with points(
        "cv-untouched",
        message={
            "ko": "모델은 X의 열을 그대로 가진 DataFrame을 받아야 합니다",
            "en": "the model must be given a DataFrame with the columns of X as they are",
        },
    ):
        table = mixed(student, drivers(student, 18)).reset_index(drop=True)
        table["ax_std"] += np.arange(len(table)) * 1e-9
        student.run(WITNESS)
        _, log, fitted, after = witnessed(student, table, 3, student.random.randrange(1000))
        given = table[driving.FEATURES]
        place = {value: position for position, value in enumerate(table["ax_std"])}
        assert log and all(isinstance(X, pd.DataFrame) and list(X.columns) == driving.FEATURES for _, X, _ in log)
        assert all(value in place for _, X, _ in log for value in X["ax_std"]), Text(
            "모델이 받은 숫자가 원래 표의 숫자가 아닙니다. 교차검증 밖에서 표준화하거나 채우면 누설입니다",
            "the numbers given to the model are not those of the table: scaling or filling outside cross-validation is a leak",
        )
        for _, X, y in log:
            rows = [place[value] for value in X["ax_std"]]
            assert alike(X, given.iloc[rows]), Text(
                "모델이 받은 행이 원래 표와 다릅니다. 전체로 채우거나 정답의 비율로 바꾸면 누설입니다",
                "the rows given to the model differ from the table: filling from everything or encoding by the answer is a leak",
            )
            assert y is None or np.array_equal(y, table["risky"].iloc[rows]), Text(
                "행과 정답이 어긋났습니다", "rows and answers are out of step"
            )
        assert fitted is False, Text(
            "건네받은 모델이 학습되었습니다. clone한 것을 쓰십시오",
            "the model that was handed over got fitted; use a clone",
        )
        assert alike(after[0], given) and np.array_equal(after[1], table["risky"]), Text(
            "건네받은 표가 바뀌었습니다", "the table that was handed over has changed"
        )


def alike(found, expected):
    """Equal tables, whatever the labels of the rows."""
    if not isinstance(found, pd.DataFrame) or list(found.columns) != list(expected.columns):
        return False
    return found.reset_index(drop=True).equals(expected.reset_index(drop=True))


def check_cv_seed(student, points):
    with points(
        "cv-seed",
        message={"ko": "같은 seed인데 점수가 다릅니다", "en": "the same seed gave other scores"},
    ):
        table = drivers(student, 30)
        student.run(WITNESS)
        student.run(
            "def _scores(X, y, drivers, seed, noise):\n"
            "    np.random.seed(noise)\n"
            "    return np.asarray(driver_cv(_Witness(), X, y, drivers, 3, seed))"
        )
        X, y, first = table[driving.FEATURES], table["risky"], student.random.randrange(1000)
        found = []
        for noise, seed in enumerate((0, 1, 2, 3, 4, 0)):
            scores = numbers(student.call("_scores", X, y, table["driver"], first + seed, noise), 3, FOLDS)
            found.append(tuple(np.round(np.sort(scores), 12)))
        assert found[0] == found[-1]
        assert len(set(found)) > 3, Text(
            "seed를 바꾸어도 무리가 거의 그대로입니다", "other seeds give nearly the same groups"
        )


# The table to predict comes without its answers.
MODEL = """
from sklearn.base import clone

def _fresh():
    one, other = make_model(), make_model()
    return one is not other

def _fitted(X, y):
    return clone(make_model()).fit(X, y)

def _predict(X, y, *tables):
    model = _fitted(X, y)
    return [model.predict_proba(table) for table in tables]
"""


def predict(student, train, *tables):
    """Train the student's model and give the probabilities of a risky window, table by table."""
    asked = [table[driving.FEATURES] for table in tables]
    found = student.call("_predict", train[driving.FEATURES], train["risky"], *asked)
    for p, table in zip(found, asked, strict=True):
        assert np.shape(p) == (len(table), 2), Text(
            "predict_proba는 행마다 두 확률을 돌려주어야 합니다", "predict_proba must return two probabilities per row"
        )
        assert np.all(np.isfinite(p)) and np.allclose(np.sum(p, axis=1), 1) and np.min(p) >= 0, Text(
            "확률이 비어 있거나 합이 1이 아닙니다", "probabilities are empty or don't add up to 1"
        )
    return [np.asarray(p)[:, 1] for p in found]


def check_model(student, points):
    with points(
        "model-fresh",
        message={
            "ko": "빈칸이나 처음 보는 차종, 도로에서 확률이 나오지 않습니다",
            "en": "no probability for gaps or for a new kind of car or road",
        },
    ):
        student.run(MODEL)
        assert student.call("_fresh") is True, Text(
            "부를 때마다 새 모델이어야 합니다", "each call must give a new model"
        )
        train, new = train_and_new(student, 30, 6)
        new.loc[new.index[:40], "speed"] = np.nan
        new.loc[new.index[:20], ["car", "road"]] = ["bus", "R-new"]
        (p,) = predict(student, train, new)
        assert p.std() > 0.05, Text("확률이 거의 모두 같습니다", "the probabilities are nearly all the same")
    with points(
        "model-alone",
        message={
            "ko": "같은 행인데 함께 온 행에 따라 확률이 달라집니다. 훈련에서 배운 값만 써야 합니다",
            "en": "the same row gets another probability in other company: use only what training has learned",
        },
    ):
        student.run(MODEL)
        train, new = train_and_new(student, 40, 8)
        order = np.argsort(new["ax_min"].to_numpy())
        parts = [*np.array_split(order, 7), order[:1], order[-1:]]
        whole, *found = predict(student, train, new, *(new.iloc[part] for part in parts))
        assert all(np.allclose(whole[part], p) for part, p in zip(parts, found, strict=True))


def check_model_units(student, points):
    with points(
        "model-units",
        message={
            "ko": "단위를 바꾸었더니 예측이 달라집니다. 표준화를 파이프라인 안에 넣으십시오",
            "en": "other units change the predictions; put standardising inside the pipeline",
        },
    ):
        student.run(MODEL)
        train, new = train_and_new(student, 50, 10)
        (plain,) = predict(student, train, new)
        for factors in ({"speed": 1024.0}, {"ax_min": 256.0, "ay_peak": 1 / 512, "ax_std": 2048.0}):
            other = [table.assign(**{name: table[name] * by for name, by in factors.items()}) for table in (train, new)]
            assert np.abs(plain - predict(student, *other)[0]).max() < 0.02


def check_scores(student, points):
    with points(
        "model-newcomers",
        message={
            "ko": "처음 보는 운전자에게서 AUC 0.86에 이르지 못합니다. 운전자의 지문이 되는 열을 찾아보십시오",
            "en": "on drivers never seen the AUC does not reach 0.86; look for the columns that are a driver's fingerprint",
        },
    ):
        student.run(MODEL)
        scores = []
        for _ in range(12):
            train, new = train_and_new(student, 60, 100)
            scores.append(auc(new["risky"], predict(student, train, new)[0]))
        student.figure("newcomers-auc", np.mean(scores), at_least=0.86)
    with points(
        "cv-honest",
        message={
            "ko": "보고한 점수와 처음 보는 운전자에게서 나온 점수가 0.05 넘게 다릅니다",
            "en": "the reported score and the score on drivers never seen differ by more than 0.05",
        },
    ):
        student.run(MODEL)
        student.run("def _reported(*given):\n    return np.asarray(driver_cv(make_model(), *given))")
        gaps = []
        for seed in range(2):
            train, new = train_and_new(student, 100, 150)
            given = train[driving.FEATURES], train["risky"], train["driver"]
            reported = numbers(student.call("_reported", *given, 4, seed), 4, FOLDS)
            gaps.append(np.mean(reported) - auc(new["risky"], predict(student, train, new)[0]))
        student.figure("reported-minus-real", np.mean(gaps), at_least=-0.05, at_most=0.05)
        known = Text(
            "운전자를 알아볼 뿐 아무것도 모르는 모델의 점수가 0.5에서 0.05 넘게 벗어납니다",
            "a model that recognises drivers and knows nothing else scores more than 0.05 away from 0.5",
        )
        student.figure("fingerprint-auc", fingerprint_only(student), at_least=0.45, at_most=0.55, message=known)


def fingerprint_only(student):
    """The AUC that is reported for a model which knows who is driving, where that says nothing about strangers."""
    n, rng = 3000, student.rng
    who = rng.permutation(np.repeat(np.arange(n), 2))
    X = pd.DataFrame({"fingerprint": rng.random(n)[who] + rng.normal(size=2 * n) * 1e-6})
    y = pd.Series(rng.integers(0, 2, n)[who])
    student.run(
        "from sklearn.neighbors import KNeighborsClassifier\n"
        "def _fingerprint(*given):\n"
        "    return np.asarray(driver_cv(KNeighborsClassifier(1), *given))"
    )
    return float(np.mean(numbers(student.call("_fingerprint", X, y, pd.Series(who), 4, 0), 4, FOLDS)))


def series(student, homes, hours, start="2025-07-01"):
    """Homes without gaps, in order."""
    time = pd.date_range(start, periods=hours, freq="h")
    names = [f"{home}{student.random.randrange(100)}" for home in homes]
    kwh = student.rng.random(len(names) * hours) + 0.1
    return pd.DataFrame({"home": np.repeat(names, hours), "time": np.tile(time, len(names)), "kwh": kwh})


def add_lags(student, table, hours):
    """The lags, by name, as arrays."""
    seen = student.observe("add_lags", table, hours)
    found = seen.answer
    wanted = [f"lag_{h}" for h in hours]
    assert isinstance(found, pd.DataFrame) and len(found) == len(table) and set(wanted) <= set(found), Text(
        "행의 수는 그대로이고 lag_h 열이 있어야 합니다", "the number of rows stays, and there must be columns lag_h"
    )
    return {h: found[f"lag_{h}"].to_numpy(dtype=float) for h in hours}, found, seen.arguments[0]


def equal(one, other):
    return np.array_equal(one, other, equal_nan=True)


def check_lags(student, points):
    with points(
        "lags-values",
        message={"ko": "lag_h가 h시간 전의 값이 아닙니다", "en": "lag_h is not the value of h hours ago"},
    ):
        one = series(student, "A", 200)
        for hours in ((24, 5), (student.random.randrange(2, 40),)):
            lags, _, _ = add_lags(student, one, hours)
            assert all(np.allclose(lags[h][h:], one["kwh"][:-h]) for h in hours)
    with points(
        "lags-future",
        message={
            "ko": "시각 t의 시차 변수가 t-h보다 나중의 사용량에 좌우됩니다. 미래를 보고 있습니다",
            "en": "the lag at time t depends on consumption later than t-h: it looks into the future",
        },
    ):
        one = series(student, "A", 120)
        for cut in (30, 60, 90):
            for h in (1, 24):
                late = np.arange(120) >= cut
                other = one.assign(kwh=np.where(late, student.rng.random(120) + 9, one["kwh"]))
                mine, changed = (add_lags(student, table, (h,))[0][h] for table in (one, other))
                assert equal(mine[: cut + h], changed[: cut + h])
                assert np.allclose(changed[cut + h :], other["kwh"][cut:-h])
    with points(
        "lags-missing",
        message={
            "ko": "모르는 값은 NaN이어야 합니다. 0이나 평균으로 채우지 마십시오",
            "en": "what is not known must be NaN; don't fill in 0 or a mean",
        },
    ):
        one = series(student, "A", 72)
        lags, _, after = add_lags(student, one, (24, 48, 500))
        assert [int(np.isnan(lags[h]).sum()) for h in (24, 48, 500)] == [24, 48, 72]
        assert alike(after, one), Text("건네받은 표가 바뀌었습니다", "the table that was handed over has changed")


def check_lags_of_homes(student, points):
    with points(
        "lags-homes",
        message={
            "ko": "다른 집의 사용량을 바꾸었더니 이 집의 시차 변수가 달라졌습니다",
            "en": "changing other homes' consumption changed the lags of this home",
        },
    ):
        three = series(student, "ABC", 60)
        mine = (three["home"] == three["home"].iloc[60]).to_numpy()
        other = three.assign(kwh=np.where(mine, three["kwh"], three["kwh"] + 50.0))
        was, found = (add_lags(student, table, (24,))[0][24][mine] for table in (three, other))
        assert equal(was, found)
    with points(
        "lags-order",
        message={
            "ko": "행의 순서를 바꾸었더니 시차 변수가 달라졌습니다. 시각을 보고 찾으십시오",
            "en": "another order of the rows changed the lags; go by the time",
        },
    ):
        two = series(student, "AB", 80)
        straight, _, _ = add_lags(student, two, (24, 3))
        for _ in range(3):
            table = mixed(student, two)
            lags, found, _ = add_lags(student, table, (24, 3))
            assert found.index.tolist() == table.index.tolist() and found["time"].tolist() == table["time"].tolist(), (
                Text(
                    "행의 순서와 인덱스는 받은 그대로여야 합니다", "order and index of the rows must stay as they came"
                )
            )
            assert all(equal(lags[h], straight[h][table.index]) for h in (24, 3))


def check_lags_with_gaps(student, points):
    with points(
        "lags-gaps",
        message={
            "ko": "줄이 빠진 자료에서 시차 변수가 정확히 h시간 전의 값이 아닙니다",
            "en": "where rows are missing the lag is not the value of exactly h hours ago",
        },
    ):
        real = homes(student, 3)
        real = real[real["time"] < household.START + 14 * DAY]
        real = real[
            [student.random.random() > 0.05 for _ in range(len(real))]
        ]  # so few days may have no gap of their own
        value = dict(zip(zip(real["home"], real["time"], strict=True), real["kwh"], strict=True))
        lags, _, _ = add_lags(student, real, (24, 168))
        for h in (24, 168):
            pairs = zip(real["home"], real["time"], strict=True)
            wanted = np.array([value.get((home, time - h * HOUR), np.nan) for home, time in pairs])
            known = np.isfinite(wanted)
            assert np.allclose(lags[h][known], wanted[known])
            assert not np.any(np.isfinite(lags[h][~known]) & (lags[h][~known] != 0)), Text(
                "h시간 전의 줄이 없는데 다른 시각의 값이 들어갔습니다",
                "there is no row h hours earlier, yet the value of another time was put in",
            )


def homes(student, n, split="train"):
    return household.make(student.random.randrange(1 << 40), n, split)


def time_folds(student, times, count, days, gap):
    folds = student.take(count + 1, "time_folds", times, count, days, gap)
    assert len(folds) == count, Text("n_folds만큼의 무리가 있어야 합니다", "there must be n_folds folds")
    return [positions(fold) for fold in folds]


def check_folds(student, points):
    with points(
        "folds-windows",
        message={
            "ko": "시험이 마지막 날에 끝나는 test_days일씩의 이어진 구간이 아니거나, 빠진 집이 있습니다",
            "en": "the tests are not consecutive runs of test_days that end with the last day, or a home is missing",
        },
    ):
        real = homes(student, 4)
        last = household.START + student.random.randrange(30, 50) * DAY
        times = real["time"][(real["time"] > household.START + 8 * DAY) & (real["time"] < last + 15 * HOUR)]
        for count, days in ((3, 4), (2, 3)):
            for k, (_, test) in enumerate(time_folds(student, times, count, days, 24)):
                start = last + DAY - (count - k) * days * DAY
                assert test == np.flatnonzero((times >= start) & (times < start + days * DAY)).tolist()
    with points(
        "folds-past",
        message={
            "ko": "훈련에 시험보다 나중이거나 같은 시각의 행이 있습니다",
            "en": "training holds rows as late as the test or later",
        },
    ):
        real = homes(student, 5)
        time, home = real["time"], real["home"]
        for count, days, gap in ((4, 5, 24), (2, 10, 0), (3, 2, 48)):
            for train, test in time_folds(student, time, count, days, gap):
                assert train and test, Text("비어 있는 훈련이나 시험이 있습니다", "a training or test set is empty")
                assert time.iloc[train].max() < time.iloc[test].min()
                assert home.iloc[train].nunique() == 5, Text(
                    "훈련에서 빠진 집이 있습니다", "a home is missing from training"
                )


def check_folds_gap(student, points):
    with points(
        "folds-gap",
        message={
            "ko": "훈련은 시험 시작에서 gap_hours를 뺀 시각보다 앞선 모든 행이어야 합니다",
            "en": "training must be every row before the start of the test minus gap_hours",
        },
    ):
        time = homes(student, 4)["time"]
        for gap in (0, 24, 36):
            for train, test in time_folds(student, time, 3, 5, gap):
                start = time.iloc[test].min().normalize()
                assert train == np.flatnonzero(time < start - gap * HOUR).tolist()


def forecast(predict, table):
    return numbers(
        predict(table),
        len(table),
        Text("행마다 예측이 하나씩 나와야 합니다", "there must be one prediction per row"),
    )


def check_forecaster(student, points):
    with points(
        "forecaster-rows",
        message={
            "ko": "예측에 NaN이나 inf가 있습니다. 과거가 없는 첫날과 처음 보는 집을 살펴보십시오",
            "en": "there is NaN or inf among the predictions; look at the first day, which has no past, and at homes never seen",
        },
    ):
        past, new = homes(student, 6), homes(student, 2, "strangers")
        past = past[past["time"] < household.START + 28 * DAY]
        new = new[new["time"] < household.START + 10 * DAY]
        predict = student.keep("train_forecaster", past)
        p = forecast(predict, new)
        assert np.all(np.isfinite(p)) and np.all(np.isfinite(forecast(predict, past)))
        order = student.rng.permutation(len(new))
        assert np.allclose(p[order], forecast(predict, new.iloc[order])), Text(
            "행의 순서를 바꾸었더니 예측이 어긋납니다", "another order of the rows puts the predictions out of step"
        )


def check_forecaster_future(student, points):
    with points(
        "forecaster-future",
        message={
            "ko": "시각 t의 예측이 t-24시간보다 나중의 kwh에 좌우됩니다. 예측하는 순간에 모르는 것을 쓰고 있습니다",
            "en": "the prediction for time t depends on kwh later than t-24 hours: it uses what is not known at the time",
        },
    ):
        real = homes(student, 3)
        predict = student.keep("train_forecaster", real[real["time"] < household.START + 29 * DAY])
        p = forecast(predict, real)
        for cut in (household.START + hours * HOUR for hours in student.random.sample(range(720, 1200), 3)):
            future = (real["time"] > cut).to_numpy()
            safe = (real["time"] <= cut + DAY).to_numpy()
            for other in (student.rng.random(len(real)) * 9, np.nan):
                changed = real.assign(kwh=np.where(future, other, real["kwh"]))
                assert np.allclose(np.asarray(predict(changed), dtype=float)[safe], p[safe])


def check_forecaster_later(student, points):
    with points(
        "forecaster-later",
        message={
            "ko": "다음 두 주의 오차가 '어제 같은 시각'보다 10% 작아지지 않았습니다",
            "en": "the error of the next two weeks is not 10% below that of 'the same hour yesterday'",
        },
    ):
        seed = student.random.randrange(1 << 40)
        past, later = household.make(seed, 12, "train"), household.make(seed, 12, "later")
        strangers = household.make(seed, 20, "strangers")
        predict = student.keep("train_forecaster", past)
        student.figure("later-ratio", ratio(predict, pd.concat([past, later], ignore_index=True)), at_most=0.9)
        message = Text(
            "처음 보는 집에서 오차가 '어제 같은 시각'보다 10% 작아지지 않았습니다",
            "for homes never seen the error is not 10% below that of 'the same hour yesterday'",
        )
        student.figure("strangers-ratio", ratio(predict, strangers), at_most=0.9, message=message)


def ratio(predict, table):
    """The error of the last two weeks, relative to the same hour of the day before."""
    kwh = table["kwh"].to_numpy()
    known = table.set_index(["home", "time"])["kwh"]
    before = known.reindex(pd.MultiIndex.from_arrays([table["home"], table["time"] - DAY])).to_numpy()
    judged = np.isfinite(before) & (table["time"] >= household.START + household.TRAIN_DAYS * DAY).to_numpy()
    error = np.abs(forecast(predict, table) - kwh)[judged].mean()
    return error / np.abs(before - kwh)[judged].mean()
